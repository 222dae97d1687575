/**
 * Log-dirty of a translated domain, and the paging_domctl on it or on the
 * paging pool that may be half done (F3.11): its state is in the domain, the caller's continuation
 * in the registers of another. While it is, every new operation but a
 * question is refused with -EBUSY; an update can part the two (Q5, S19).
 */
import { setup } from 'xstate';
import type { PagingPreempt } from '../src/host/domain.ts';
import { isPaging } from '../src/hypercalls/domctl/paging.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { allVcpus, type DomainPlace, domainAt } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

/** Does some vCPU stand at the continuation for the domain? */
const isAwaited = (world: World, { domid }: DomainPlace): boolean =>
  allVcpus(hostOf(world)).some(({ v }) => isPaging(v, domid));
const p2mOf = (world: World, { domid }: DomainPlace) => domainAt(world, { domid })?.p2m ?? null;
const preemptOf = (world: World, { domid }: DomainPlace): PagingPreempt | null =>
  domainAt(world, { domid })?.pagingPreempt ?? null;
const isHalfDone = (world: World, of: DomainPlace): boolean =>
  preemptOf(world, of) !== null && isAwaited(world, of);
const isAt = (world: World, of: DomainPlace, op: PagingPreempt['op']): boolean =>
  preemptOf(world, of)?.op === op && isAwaited(world, of);

const says = {
  noP2m: (world: World, of: DomainPlace) => p2mOf(world, of) === null,
  off: (world: World, of: DomainPlace) => p2mOf(world, of)?.logDirty === false,
  on: (world: World, of: DomainPlace) => p2mOf(world, of)?.logDirty === true,
  quiet: (world: World, of: DomainPlace) => preemptOf(world, of) === null && !isAwaited(world, of),
  halfDone: isHalfDone,
  peeking: (world: World, of: DomainPlace) => isAt(world, of, 'peek'),
  cleaning: (world: World, of: DomainPlace) => isAt(world, of, 'clean'),
  turningOff: (world: World, of: DomainPlace) => isAt(world, of, 'off'),
  resizing: (world: World, of: DomainPlace) => isAt(world, of, 'set_allocation'),
  orphaned: (world: World, of: DomainPlace) =>
    preemptOf(world, of) !== null && !isAwaited(world, of),
  lost: (world: World, of: DomainPlace) => preemptOf(world, of) === null && isAwaited(world, of),
};

const pagingDomctl = setup({
  types: {
    context: {} as ChartContext<DomainPlace>,
    events: {} as WorldEvent,
    input: {} as ChartContext<DomainPlace>,
  },
  guards: guardsOf<DomainPlace, typeof says>(says),
  actions: { step: stepOf<DomainPlace>() },
}).createMachine({
  id: 'paging-domctl',
  description: 'Log-dirty of one translated domain, and a paging_domctl that is half done.',
  context: ({ input }) => input,
  type: 'parallel',
  states: {
    log: {
      description: 'Whether writes are logged.',
      meta: { facts: ['F3.11', 'F8.23'] },
      on: {
        'lu.jump': {
          guard: 'becomesNoP2m',
          target: '.noP2m',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.noP2m',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is log-dirty on?',
          meta: { facts: ['F3.11', 'F8.23'] },
          always: [
            { guard: 'isNoP2m', target: 'noP2m' },
            { guard: 'isOff', target: 'off' },
            { target: 'on' },
          ],
        },
        noP2m: {
          description: 'There is no P2M: no domain, not made yet, or torn down.',
          meta: { facts: ['F4.5', 'R37'], says: 'noP2m' },
          on: {
            'restore.0b': [
              {
                guard: 'becomesOff',
                target: 'off',
                actions: 'step',
                description: 'The P2M is taken as it is (R43).',
              },
              { guard: 'becomesOn', target: 'on', actions: 'step' },
            ],
          },
        },
        off: {
          description: 'Not logged.',
          meta: { facts: ['F3.11'], says: 'off' },
          on: {
            'domain.kill': {
              guard: 'becomesNoP2m',
              target: 'noP2m',
              actions: 'step',
              description: 'paging_teardown.',
            },
            'domctl.shadow_op': {
              guard: 'becomesOn',
              target: 'on',
              actions: 'step',
              description: 'Refused while another is half done: -EBUSY.',
            },
            'hypercall.finish': {
              guard: 'becomesNoP2m',
              target: 'noP2m',
              actions: 'step',
              description: 'The Xen that runs carries it to its end.',
            },
          },
        },
        on: {
          description: 'Logged: pages are ram_logdirty until they are written.',
          meta: { facts: ['F3.11', 'F8.18'], says: 'on' },
          on: {
            'domain.kill': { guard: 'becomesNoP2m', target: 'noP2m', actions: 'step' },
            'domctl.shadow_op': { guard: 'becomesOff', target: 'off', actions: 'step' },
            'hypercall.finish': [
              { guard: 'becomesNoP2m', target: 'noP2m', actions: 'step' },
              { guard: 'becomesOff', target: 'off', actions: 'step' },
            ],
            'paging.continue': {
              guard: 'becomesOff',
              target: 'off',
              actions: 'step',
              description: 'Turned off at last.',
            },
          },
        },
      },
    },
    operation: {
      description: 'd->arch.paging.preempt, and who waits for it.',
      meta: { facts: ['F3.11'] },
      on: {
        'lu.jump': {
          guard: 'becomesQuiet',
          target: '.quiet',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.quiet',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is an operation half done?',
          meta: { facts: ['F3.11'] },
          always: [
            { guard: 'isQuiet', target: 'quiet' },
            { guard: 'isHalfDone', target: 'halfDone' },
            { guard: 'isOrphaned', target: 'orphaned' },
            { target: 'lost' },
          ],
        },
        quiet: {
          description: 'No operation is half done.',
          meta: { facts: ['F3.11'], says: 'quiet' },
          on: {
            'domctl.shadow_op': {
              guard: 'becomesHalfDone',
              target: 'halfDone',
              actions: 'step',
              description: 'Preempted: the state is in the domain, the caller in its registers.',
            },
            'restore.2': {
              guard: 'becomesLost',
              target: 'lost',
              actions: 'step',
              description: 'As far as the answer to Q5 has it carried.',
            },
          },
        },
        halfDone: {
          description: 'Preempted, and its caller will go on: every other is refused.',
          meta: { facts: ['F3.11'], says: 'halfDone' },
          on: {
            'domain.kill': {
              guard: 'becomesLost',
              target: 'lost',
              actions: 'step',
              description: 'paging_teardown drops it, and the caller does not know.',
            },
            'hypercall.finish': [
              {
                guard: 'becomesQuiet',
                target: 'quiet',
                actions: 'step',
                description: 'The Xen that runs carries it to its end.',
              },
              {
                guard: 'becomesLost',
                target: 'lost',
                actions: 'step',
                description: 'Or the end of the domain, which somebody else had asked for.',
              },
            ],
            'paging.continue': {
              guard: 'becomesQuiet',
              target: 'quiet',
              actions: 'step',
              description: 'The caller re-enters.',
            },
          },
          initial: 'looking',
          states: {
            looking: {
              description: 'Which operation is it?',
              meta: { facts: ['F3.11'] },
              always: [
                { guard: 'isPeeking', target: 'peeking' },
                { guard: 'isCleaning', target: 'cleaning' },
                { guard: 'isTurningOff', target: 'turningOff' },
                { target: 'resizing' },
              ],
            },
            peeking: {
              description: 'Reading the bitmap: preempt.op is PEEK.',
              meta: { facts: ['F3.11'], says: 'peeking' },
            },
            cleaning: {
              description: 'Reading and clearing it: preempt.op is CLEAN.',
              meta: { facts: ['F3.11'], says: 'cleaning' },
            },
            turningOff: {
              description: 'Taking log-dirty down: part of the bitmap is freed.',
              meta: { facts: ['F3.11', 'S19'], says: 'turningOff' },
            },
            resizing: {
              description: 'set_allocation: the pool has not its new size yet.',
              meta: { facts: ['F3.11', 'F8.22'], says: 'resizing' },
            },
          },
        },
        orphaned: {
          description: 'Half done, and its caller is not there to go on: every other is refused.',
          meta: { facts: ['F3.11', 'Q5'], says: 'orphaned' },
          on: {
            'domain.kill': {
              guard: 'becomesQuiet',
              target: 'quiet',
              actions: 'step',
              description: 'paging_teardown drops it.',
            },
            'hypercall.finish': { guard: 'becomesQuiet', target: 'quiet', actions: 'step' },
            'paging.continue': { guard: 'becomesQuiet', target: 'quiet', actions: 'step' },
          },
        },
        lost: {
          description: 'The caller will go on, but nothing is known of the operation: -EBUSY.',
          meta: { facts: ['F3.11', 'S19'], says: 'lost' },
          on: {
            'hypercall.finish': { guard: 'becomesQuiet', target: 'quiet', actions: 'step' },
            'restore.2': { guard: 'becomesHalfDone', target: 'halfDone', actions: 'step' },
          },
        },
      },
    },
  },
});

export default chart<DomainPlace>({
  name: 'paging-domctl',
  machine: pagingDomctl,
  says,
  questions: {},
  places: (host) =>
    Object.values(host.xen.domains)
      .filter((d) => d.p2m !== null)
      .map(({ domid }) => ({ domid })),
  label: ({ domid }) => `d${domid}`,
});
