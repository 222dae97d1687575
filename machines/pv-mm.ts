/**
 * A vCPU of a PV domain in an MM hypercall (F3.5, F8.7, F8.9): what a
 * preempted pin or unpin leaves behind in the page, in the vCPU's
 * old_guest_table and in its registers. Under xen#2 the registers are all
 * that is left of it (Q6).
 */
import { setup } from 'xstate';
import { FLAG, hasFlag } from '../src/host/frame-table.ts';
import type { Host } from '../src/host/host.ts';
import type { Vcpu } from '../src/host/vcpu.ts';
import { onlyOldTableLeft } from '../src/hypercalls/mmu/old-guest-table.ts';
import { isPinning } from '../src/hypercalls/mmu/pin.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { allVcpus, isGoing, type VcpuPlace, vcpuAt } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Standing = 'absent' | 'at rest' | 'pinning' | 'anew' | 'dropping' | 'returning' | 'owing';
const ofVcpu = (world: World, v: Vcpu): Standing => {
  if (isPinning(v))
    return hasFlag(hostOf(world).xen.frames, v.registers.rdi, FLAG.partial) ? 'pinning' : 'anew';
  if (onlyOldTableLeft(v)) return v.oldGuestTable === null ? 'returning' : 'dropping';
  return v.oldGuestTable === null ? 'at rest' : 'owing';
};
const standing = (world: World, { domid, vcpu }: VcpuPlace): Standing => {
  const v = vcpuAt(world, { domid, vcpu });
  return v === undefined ? 'absent' : ofVcpu(world, v);
};

const says = {
  absent: (world: World, of: VcpuPlace) => standing(world, of) === 'absent',
  atRest: (world: World, of: VcpuPlace) => standing(world, of) === 'at rest',
  pinning: (world: World, of: VcpuPlace) => standing(world, of) === 'pinning',
  anew: (world: World, of: VcpuPlace) => standing(world, of) === 'anew',
  dropping: (world: World, of: VcpuPlace) => standing(world, of) === 'dropping',
  returning: (world: World, of: VcpuPlace) => standing(world, of) === 'returning',
  owing: (world: World, of: VcpuPlace) => standing(world, of) === 'owing',
};
const questions = { goes: isGoing };

const pvMm = setup({
  types: {
    context: {} as ChartContext<VcpuPlace>,
    events: {} as WorldEvent,
    input: {} as ChartContext<VcpuPlace>,
  },
  guards: guardsOf<VcpuPlace, typeof says, typeof questions>(says, questions),
  actions: { step: stepOf<VcpuPlace>() },
}).createMachine({
  id: 'pv-mm',
  description: 'One vCPU of a PV domain in a preemptible MM hypercall.',
  context: ({ input }) => input,
  on: {
    'lu.jump': {
      guard: 'becomesAbsent',
      target: '.absent',
      actions: 'step',
      description: 'Pages and vCPUs are what the records say.',
    },
    'kexec.exec': {
      target: '.absent',
      actions: 'step',
      description: 'A normal reboot into another Xen.',
    },
    '*': {
      guard: 'goes',
      target: '.absent',
      actions: 'step',
      description: 'The last reference to the domain is dropped, by whatever event (F2.15).',
    },
  },
  initial: 'looking',
  states: {
    looking: {
      description: 'Is anything left of an MM hypercall?',
      meta: { facts: ['F3.5'] },
      always: [
        { guard: 'isAbsent', target: 'absent' },
        { guard: 'isAtRest', target: 'atRest' },
        { guard: 'isPinning', target: 'pinning' },
        { guard: 'isAnew', target: 'anew' },
        { guard: 'isDropping', target: 'dropping' },
        { guard: 'isReturning', target: 'returning' },
        { target: 'owing' },
      ],
    },
    absent: {
      description: 'There is no such vCPU, or xen#2 has not made it yet.',
      meta: { facts: ['R37'], says: 'absent' },
      on: {
        'restore.0c': {
          guard: 'becomesAtRest',
          target: 'atRest',
          actions: 'step',
          description: 'A vCPU without state.',
        },
      },
    },
    atRest: {
      description: 'Nothing is left of any MM hypercall.',
      meta: { facts: ['F3.5'], says: 'atRest' },
      on: {
        'mmuext.pin': {
          guard: 'becomesPinning',
          target: 'pinning',
          actions: 'step',
          description: 'Preempted after some entries.',
        },
        'mmuext.unpin': {
          guard: 'becomesDropping',
          target: 'dropping',
          actions: 'step',
          description: 'Preempted: the pin is gone, some entries are left.',
        },
        'restore.2': [
          {
            guard: 'becomesAnew',
            target: 'anew',
            actions: 'step',
            description: 'Only the registers are carried (Q6).',
          },
          { guard: 'becomesReturning', target: 'returning', actions: 'step' },
          {
            guard: 'becomesPinning',
            target: 'pinning',
            actions: 'step',
            description: 'Only where partial tables are carried (Q6).',
          },
          { guard: 'becomesDropping', target: 'dropping', actions: 'step' },
          { guard: 'becomesOwing', target: 'owing', actions: 'step' },
        ],
      },
    },
    pinning: {
      description: 'Preempted in a pin: the page is partial, the request in registers.',
      meta: { facts: ['F8.7', 'F3.4'], says: 'pinning' },
      on: {
        'domain.kill': {
          guard: 'becomesAnew',
          target: 'anew',
          actions: 'step',
          description: 'vcpu_destroy_pagetables finishes it.',
        },
        'hypercall.finish': [
          {
            guard: 'becomesAtRest',
            target: 'atRest',
            actions: 'step',
            description: 'The Xen that runs carries it to its end.',
          },
          {
            guard: 'becomesAnew',
            target: 'anew',
            actions: 'step',
            description: 'It carried a destroydomain to its end.',
          },
        ],
        'mmuext.pin-continue': {
          guard: 'becomesAtRest',
          target: 'atRest',
          actions: 'step',
          description: 'Carried to its end, or undone with an error.',
        },
      },
    },
    anew: {
      description: 'Will re-enter the pin, and validate from the start.',
      meta: { facts: ['Q6', 'S22'], says: 'anew' },
      on: {
        'hypercall.finish': { guard: 'becomesAtRest', target: 'atRest', actions: 'step' },
        'mmuext.pin-continue': { guard: 'becomesAtRest', target: 'atRest', actions: 'step' },
      },
    },
    dropping: {
      description:
        '(NULL, PREEMPTED, NULL, rc): the old table is put first, then the call returns rc.',
      meta: { facts: ['F3.5', 'F8.9'], says: 'dropping' },
      on: {
        'domain.kill': { guard: 'becomesReturning', target: 'returning', actions: 'step' },
        'hypercall.finish': [
          { guard: 'becomesAtRest', target: 'atRest', actions: 'step' },
          { guard: 'becomesReturning', target: 'returning', actions: 'step' },
        ],
        'mm.put-old-table': {
          guard: 'becomesAtRest',
          target: 'atRest',
          actions: 'step',
          description: 'put_old_guest_table.',
        },
      },
    },
    returning: {
      description: 'The same registers, and no old table: the call returns rc at once.',
      meta: { facts: ['F3.5', 'S20'], says: 'returning' },
      on: {
        'hypercall.finish': { guard: 'becomesAtRest', target: 'atRest', actions: 'step' },
      },
    },
    owing: {
      description: 'An old table is left, which the next MM operation puts first.',
      meta: { facts: ['F8.9'], says: 'owing' },
      on: {
        '*': {
          guard: 'becomesAtRest',
          target: 'atRest',
          actions: 'step',
          description: 'The next MM operation of the vCPU, whatever it is, puts it first.',
        },
        'mmuext.pin': { guard: 'becomesPinning', target: 'pinning', actions: 'step' },
      },
    },
  },
});

const placesOf = (host: Host): readonly VcpuPlace[] =>
  allVcpus(host)
    .filter(({ domid }) => host.xen.domains[domid]?.type === 'pv')
    .map(({ domid, v }) => ({ domid, vcpu: v.id }));

export default chart<VcpuPlace>({
  name: 'pv-mm',
  machine: pvMm,
  says,
  questions,
  places: placesOf,
  label: ({ domid, vcpu }) => `d${domid}v${vcpu}`,
});
