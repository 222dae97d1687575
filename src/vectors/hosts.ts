/**
 * The golden vectors before they are run: each host small enough to be read,
 * each about one thing that an implementation is likely to get wrong.
 */
import type { Policies } from '../design/policies.ts';
import type { Host } from '../host/host.ts';
import {
  everything,
  fifoQueues,
  grantsV2,
  hvmWithEmulator,
  idleDom0,
  interrupted,
  lives,
  rollback,
  zombie,
} from './builders.ts';

/** A host before its update, and the Xen that is to take over. */
export interface VectorHost {
  /** Name of its files: lower case and hyphens. */
  readonly name: string;
  /** What is in it and what to look for. */
  readonly what: string;
  readonly host: Host;
  /** Version of xen#2; that of xen#1 is in the host. */
  readonly to: string;
  /** Answers to the open questions, where they are not the default ones. */
  readonly policies?: Partial<Policies>;
}

/** All of them, in the order of the README. Built anew at each call. */
export const vectorHosts = (): readonly VectorHost[] => [
  {
    name: 'idle-dom0',
    what: 'dom0 with two vCPUs and nothing else: the least that an update carries.',
    host: idleDom0(),
    to: '4.17',
  },
  {
    name: 'mixed',
    what:
      'dom0, a PV, a PVH and an HVM guest and a zombie, trace buffers, a crash kernel: something ' +
      'of everything that is carried at rest.',
    host: everything(),
    to: '4.17',
  },
  {
    name: 'fifo-queues',
    what:
      'A guest with FIFO events queued at several priorities on two vCPUs, one masked and ' +
      'pending, and one raised beyond the event array. Tails and last queues are in the stream, ' +
      'heads and links in memory.',
    host: fifoQueues(),
    to: '4.17',
  },
  {
    name: 'zombie',
    what:
      'A dead domain of which dom0 and a guest have pages mapped, by grants and by a foreign ' +
      'mapping. Only those pages are left of it; it must stay dead and keep them.',
    host: zombie(),
    to: '4.17',
  },
  {
    name: 'grants-v2',
    what:
      'Version 2 tables of two pages: a page mapped three times in different ways, a read-only ' +
      'grant, a sub-page and a transitive one. Pins are in no record: maptracks imply them.',
    host: grantsV2(),
    to: '4.17',
  },
  {
    name: 'hvm-emulator',
    what:
      'An HVM guest with two vCPUs whose device model runs in a stub domain: IOREQ server with ' +
      'buffered requests, Xen-attached ports, P2M shared with the IOMMU.',
    host: hvmWithEmulator(),
    to: '4.17',
  },
  {
    name: 'lives',
    what:
      'Guests suspended, crashed, paused twice by the tool stack, and one amid a hypercall that ' +
      'will be entered again, with timers, a blocked and a down vCPU. None may run that did not.',
    host: lives(),
    to: '4.17',
  },
  {
    name: 'interrupted',
    what:
      'Two operations whose progress is in Xen, under a design that carries it (Q4 and Q5 exact): ' +
      'a reset of event channels in d1, and a read of the dirty log of d2 by dom0.',
    host: interrupted(),
    to: '4.17',
    policies: { Q4: 'exact', Q5: 'exact' },
  },
  {
    name: 'rollback',
    what: 'Xen 4.22 gives way to 4.17: versions have no order, and the stream is the same.',
    host: rollback(),
    to: '4.17',
  },
];
