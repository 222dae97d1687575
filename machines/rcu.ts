/**
 * RCU: callbacks that Xen put off until no CPU can hold a pointer any more
 * (F3.17). The one that matters here is complete_domain_destroy (F2.15):
 * between the last reference and the callback a domain exists that
 * for_each_domain no longer sees. rcu_barrier() before the save flushes them.
 */
import { setup } from 'xstate';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Everywhere = Readonly<Record<never, never>>;

const says = {
  quiet: (world: World) => hostOf(world).xen.system.rcu.length === 0,
  waiting: (world: World) => hostOf(world).xen.system.rcu.length > 0,
};

const rcu = setup({
  types: {
    context: {} as ChartContext<Everywhere>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Everywhere>,
  },
  guards: guardsOf<Everywhere, typeof says>(says),
  actions: { step: stepOf<Everywhere>() },
}).createMachine({
  id: 'rcu',
  description: 'Work that waits until no CPU can look at what it frees.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Where does it stand on this host?',
      meta: { facts: ['F3.17'] },
      always: [{ guard: 'isWaiting', target: 'waiting' }, { target: 'quiet' }],
    },
    quiet: {
      description: 'No callback waits.',
      meta: { facts: ['F3.17'], says: 'quiet' },
      on: {
        '*': {
          guard: 'becomesWaiting',
          target: 'waiting',
          actions: 'step',
          description: 'The last reference to a domain is dropped, by whatever event (F2.15).',
        },
      },
    },
    waiting: {
      description: 'A domain has left the list and is not freed yet.',
      meta: { facts: ['F2.15', 'F3.17'], says: 'waiting' },
      on: {
        'rcu.run': {
          target: 'quiet',
          actions: 'step',
          description: 'A grace period ends: all callbacks run, and none of them leaves another.',
        },
        'kexec.exec': {
          target: 'quiet',
          actions: 'step',
          description: 'A boot that is no update: all ends with xen#1.',
        },
        'lu.jump': {
          guard: 'becomesQuiet',
          target: 'quiet',
          description: 'Only where F3.17.rcu is dropped: the callback is lost with xen#1.',
        },
      },
    },
  },
});

export default chart<Everywhere>({
  name: 'rcu',
  machine: rcu,
  says,
  questions: {},
  places: () => [{}],
  label: () => '',
});
