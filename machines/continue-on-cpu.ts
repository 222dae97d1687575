/**
 * continue_hypercall_on_cpu (F3.12 to F3.14): a hypercall of a vCPU goes on
 * in a tasklet on another CPU. Meanwhile the vCPU is paused behind the
 * instruction with a dummy result, its domain is referenced, and the only
 * description of the work is a pair of pointers inside Xen.
 */
import { setup } from 'xstate';
import { numericEntries } from '../src/host/codec.ts';
import type { Tasklet } from '../src/host/system.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf, type Saying } from '../src/world/chart.ts';
import { type VcpuPlace as Place, vcpuAt } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

const workFor = (world: World, { domid, vcpu }: Place): Tasklet | undefined =>
  hostOf(world).xen.system.tasklets.find(
    (k) => k.work === 'continue_hypercall' && k.vcpu?.domid === domid && k.vcpu.vcpu === vcpu,
  );
/** While the work waits the caller is paused, and rax holds the dummy (F3.13). */
const waits = (world: World, of: Place): boolean => {
  const v = vcpuAt(world, of);
  return v !== undefined && v.pauseCount > 0 && v.registers.rax === 0 && !v.registers.atHypercall;
};
const pending =
  (running: boolean): Saying<Place> =>
  (world, of) =>
    workFor(world, of)?.running === running && waits(world, of);

const says = {
  none: (w, of) => workFor(w, of) === undefined,
  queued: pending(false),
  running: pending(true),
} satisfies Readonly<Record<string, Saying<Place>>>;

const continueOnCpu = setup({
  types: {
    context: {} as ChartContext<Place>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Place>,
  },
  guards: guardsOf<Place, typeof says>(says),
  actions: { step: stepOf<Place>() },
}).createMachine({
  id: 'continue-on-cpu',
  description: 'A hypercall that goes on in a tasklet, on another CPU.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Does a tasklet work for this vCPU?',
      meta: { facts: ['F3.12'] },
      always: [
        { guard: 'isQueued', target: 'pending.queued' },
        { guard: 'isRunning', target: 'pending.running' },
        { target: 'none' },
      ],
    },
    none: {
      description: 'No hypercall of this vCPU runs elsewhere.',
      meta: { facts: ['F3.12'], says: 'none' },
      on: {
        'sysctl.cpu_hotplug': {
          guard: 'becomesQueued',
          target: 'pending.queued',
          actions: 'step',
          description: 'vcpu_pause_nosync, a reference of the domain, a dummy 0 in rax.',
        },
      },
    },
    pending: {
      description: 'The caller is paused, rip is past the instruction.',
      meta: { facts: ['F3.12', 'F3.13', 'F2.14'] },
      initial: 'queued',
      on: {
        'tasklet.run': {
          guard: 'becomesNone',
          target: 'answered',
          actions: 'step',
          description: 'The result goes to the saved rax; then unpause and put_domain.',
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
        queued: {
          description: 'The tasklet waits for its CPU, and for the caller to be off its own.',
          meta: { facts: ['F3.12', 'R45'], says: 'queued' },
        },
        running: {
          description: 'The function is at work.',
          meta: { facts: ['F3.12', 'F3.15'], says: 'running' },
        },
      },
    },
    answered: {
      description: 'The last one is over, and the caller has its result.',
      meta: { facts: ['F3.12'], says: 'none' },
      on: {
        'sysctl.cpu_hotplug': {
          guard: 'becomesQueued',
          target: 'pending.queued',
          actions: 'step',
          description: 'The next one.',
        },
      },
    },
    lost: {
      description: 'The pointers ended with xen#1, the pause did not: the caller waits for ever.',
      meta: { facts: ['F3.13', 'S12'], says: 'none' },
    },
  },
});

export default chart<Place>({
  name: 'continue-on-cpu',
  machine: continueOnCpu,
  says,
  questions: {},
  // Only privileged domains have hypercalls that do so (F3.14).
  places: (host) =>
    numericEntries(host.xen.domains).flatMap(([domid, d]) =>
      d.isPrivileged ? d.vcpus.map((v) => ({ domid, vcpu: v.id as number })) : [],
    ),
  label: ({ domid, vcpu }) => `d${domid}v${vcpu}`,
});
