/**
 * A tasklet (F3.15): work that waits for a CPU, in softirq context or in that
 * of the idle vCPU. In the model running it is one step, so a tasklet is seen
 * running only where an update finds it so.
 */
import { setup } from 'xstate';
import type { Tasklet } from '../src/host/system.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf, type Saying } from '../src/world/chart.ts';
import type { WorldEvent } from '../src/world/world.ts';

type Place = { readonly id: number };

const listed =
  (holds: (k: Tasklet) => boolean): Saying<Place> =>
  (world, { id }) =>
    hostOf(world).xen.system.tasklets.some((k) => k.id === id && holds(k));

const says = {
  idle: (w, { id }) => !hostOf(w).xen.system.tasklets.some((k) => k.id === id),
  initialised: listed((k) => k.scheduledOn === null && !k.running),
  queued: listed((k) => k.scheduledOn !== null && !k.running),
  softirq: listed((k) => k.scheduledOn !== null && !k.running && k.softirq),
  idleVcpu: listed((k) => k.scheduledOn !== null && !k.running && !k.softirq),
  running: listed((k) => k.running && k.scheduledOn === null),
  requeued: listed((k) => k.running && k.scheduledOn !== null),
} satisfies Readonly<Record<string, Saying<Place>>>;

const tasklet = setup({
  types: {
    context: {} as ChartContext<Place>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Place>,
  },
  guards: guardsOf<Place, typeof says>(says),
  actions: { step: stepOf<Place>() },
}).createMachine({
  id: 'tasklet',
  description: 'Work that Xen has put off until a CPU gets to it.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Where does it stand on this host?',
      meta: { facts: ['F3.15'] },
      always: [
        { guard: 'isQueued', target: 'queued' },
        { guard: 'isRunning', target: 'running' },
        { guard: 'isRequeued', target: 'requeued' },
        { guard: 'isInitialised', target: 'initialised' },
        { target: 'idle' },
      ],
    },
    idle: {
      description: 'Nobody has scheduled it, or it has run.',
      meta: { facts: ['F3.15'], says: 'idle' },
      on: {
        'sysctl.cpu_hotplug': {
          guard: 'becomesQueued',
          target: 'queued',
          actions: 'step',
          description: 'continue_hypercall_on_cpu schedules it (F3.12).',
        },
      },
    },
    initialised: {
      description: 'Its object is there, but scheduled_on is -1: no work for anybody.',
      meta: { facts: ['F3.15'], says: 'initialised' },
      on: {
        'kexec.exec': {
          target: 'idle',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'lu.jump': {
          target: 'idle',
          actions: 'step',
          description: 'xen#2 makes its own; nothing is lost.',
        },
      },
    },
    queued: {
      description: "scheduled_on says on which CPU's list it is.",
      meta: { facts: ['F3.15', 'R45', 'I3.1'], says: 'queued' },
      initial: 'looking',
      on: {
        'tasklet.run': {
          guard: 'becomesIdle',
          target: 'idle',
          actions: 'step',
          description: 'The CPU gets to it and runs it to its end.',
        },
        'rcu.run': {
          guard: 'becomesIdle',
          target: 'dead',
          actions: 'step',
          description: 'complete_domain_destroy kills what its vCPUs had queued (F2.15).',
        },
        'kexec.exec': {
          target: 'lost',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'lu.jump': {
          target: 'lost',
          actions: 'step',
          description: 'Only where the design lets the update go on without it (Q2, R45).',
        },
      },
      states: {
        looking: {
          description: 'In which context will it run?',
          meta: { facts: ['F3.15'] },
          always: [{ guard: 'isSoftirq', target: 'softirq' }, { target: 'idleVcpu' }],
        },
        softirq: {
          description: 'In TASKLET_SOFTIRQ.',
          meta: { facts: ['F3.15', 'F3.16'], says: 'softirq' },
        },
        idleVcpu: {
          description: 'In the context of the idle vCPU: the CPU leaves its guest for it.',
          meta: { facts: ['F3.15', 'I3.1'], says: 'idleVcpu' },
        },
      },
    },
    running: {
      description: 'is_running: one CPU is at it, and none else may be.',
      meta: { facts: ['F3.15'], says: 'running' },
      on: {
        'tasklet.run': {
          guard: 'becomesIdle',
          target: 'idle',
          actions: 'step',
          description: 'It comes to its end.',
        },
        'kexec.exec': {
          target: 'lost',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'lu.jump': {
          target: 'lost',
          actions: 'step',
          description: 'Only where the design lets the update go on without it (Q2, R45).',
        },
      },
    },
    requeued: {
      description: 'Scheduled again while it runs.',
      meta: { facts: ['F3.15'], says: 'requeued' },
      on: {
        'tasklet.run': {
          guard: 'becomesIdle',
          target: 'idle',
          actions: 'step',
          description: 'In the model both runs are one.',
        },
        'kexec.exec': {
          target: 'lost',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'lu.jump': {
          target: 'lost',
          actions: 'step',
          description: 'Only where the design lets the update go on without it (Q2, R45).',
        },
      },
    },
    dead: {
      description: 'tasklet_kill: off the list, and never to be scheduled again.',
      meta: { facts: ['F3.15', 'F2.15'], says: 'idle' },
      on: {
        'sysctl.cpu_hotplug': {
          guard: 'becomesQueued',
          target: 'queued',
          actions: 'step',
          description: 'Another one, which the model calls by the same number.',
        },
      },
    },
    lost: {
      description: 'It was a pointer of xen#1: nobody knows what was to be done.',
      meta: { facts: ['F3.13', 'S11', 'S12'], says: 'idle' },
      on: {
        'sysctl.cpu_hotplug': {
          guard: 'becomesQueued',
          target: 'queued',
          actions: 'step',
          description: 'Another one, which the model calls by the same number.',
        },
      },
    },
  },
});

/** Numbers that the next tasklets get. */
const TO_COME = 2;

export default chart<Place>({
  name: 'tasklet',
  machine: tasklet,
  says,
  questions: {},
  places: (host) => host.xen.system.tasklets.map(({ id }) => ({ id })),
  placesToCome: (host) => {
    const next = Math.max(-1, ...host.xen.system.tasklets.map((k) => k.id)) + 1;
    return Array.from({ length: TO_COME }, (_, i) => ({ id: next + i }));
  },
  label: ({ id }) => `${id}`,
});
