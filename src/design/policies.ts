import { RESTORE_POLICIES, SAFEST_RESTORE } from './restore-policies.ts';

/**
 * The open questions of the design as data: for each its answers, the default
 * first. The default is the safest answer; `docs/` says why.
 */
export interface Policy {
  readonly id: string;
  readonly question: string;
  readonly answers: Readonly<Record<string, string>>;
  readonly sources: readonly string[];
}

export const POLICIES = {
  Q1: {
    id: 'Q1',
    question: 'By what primitive are domains stopped at a restartable boundary?',
    answers: {
      boundary: 'a new one, like domain_shutdown but without touching the shutdown code',
      pause: 'domain_pause: at the next scheduling opportunity, whatever is in flight',
      suspend: 'SHUTDOWN_suspend for every guest, as migration does; dom0 is only paused',
    },
    sources: ['Q1', "R12'", 'F2.18', 'F2.23', 'F2.26'],
  },
  Q2: {
    id: 'Q2',
    question: 'What becomes of hypercalls that run in a tasklet?',
    answers: {
      drain: 'all tasklets complete before the save',
      refuse: 'the update is refused while there is one',
      abandon: 'the update does not look at them',
    },
    sources: ['Q2', 'R45', 'F3.12', 'F3.14'],
  },
  Q3: {
    id: 'Q3',
    question: 'What becomes of a domain in the middle of destroydomain?',
    answers: {
      finish: 'xen#1 finishes the teardown before the save; a zombie stays as owner of its pages',
      wait: 'the update waits until no domain is dying',
      shell: 'what is left of it is carried, and its teardown begins anew in xen#2',
      exact: 'what is left of it is carried, and how far its teardown had come, as a number',
      drop: 'it is not transferred',
    },
    sources: ['Q3', 'R8', 'F2.8', 'F2.10', 'F4.1', 'F4.6'],
  },
  Q4: {
    id: 'Q4',
    question: 'What becomes of an EVTCHNOP_reset in progress?',
    answers: {
      finish: 'the caller is not parked before the reset is complete (derived from F9.9)',
      restart: 'the cursor is dropped and the call rewritten to a fresh reset',
      exact: 'the cursor is carried; the sub-op stays reset_cont',
      'registers-only': 'registers say reset_cont, the cursor is lost',
      'cursor-only': 'the cursor is carried, the sub-op rewritten to reset',
      drop: 'the event channels are not transferred; peers are restored as they were',
    },
    sources: ['Q4', 'F5.6'],
  },
  Q5: {
    id: 'Q5',
    question: 'What becomes of a paging_domctl continuation?',
    answers: {
      finish: 'it completes in xen#1 before the save',
      exact: 'preempt state is carried, the caller as a domid',
      lose: 'preempt state is lost',
    },
    sources: ['Q5', 'F3.11'],
  },
  Q6: {
    id: 'Q6',
    question: 'What becomes of partially validated tables and old_guest_table?',
    answers: {
      rederive: 'both are dropped; xen#2 derives types from pins and cr3 alone',
      finish: 'they are completed in xen#1 before the save',
      carry: 'both are carried, and xen#2 takes their references by its own rules',
      copy: 'both are dropped, and the counts of all pages are copied as they are',
    },
    sources: ['Q6', 'F3.5', 'F8.7', 'F8.9'],
  },
  Q7: {
    id: 'Q7',
    question: 'What if xen#2 needs state that xen#1 did not record?',
    answers: {
      refuse: 'the update is refused',
      fake: 'xen#2 makes the state up',
    },
    sources: ['Q7', 'F13.7'],
  },
  Q8: {
    id: 'Q8',
    question: "How far is xen#1's state trusted?",
    answers: {
      early: 'xen#1 looks at itself as xen#2 will, before the jump, and refuses (derived)',
      crash: 'xen#2 crashes the host on the first inconsistency',
      tolerate: 'xen#2 runs on with what it has',
    },
    sources: ['Q8', 'R44'],
  },
  ...RESTORE_POLICIES,
} as const satisfies Readonly<Record<string, Policy>>;

export type PolicyId = keyof typeof POLICIES;
export type Answer<P extends PolicyId> = keyof (typeof POLICIES)[P]['answers'];
export type Policies = { readonly [P in PolicyId]: Answer<P> };

export const SAFEST: Policies = {
  Q1: 'boundary',
  Q2: 'drain',
  Q3: 'finish',
  Q4: 'finish',
  Q5: 'finish',
  Q6: 'rederive',
  Q7: 'refuse',
  Q8: 'early',
  ...SAFEST_RESTORE,
};
