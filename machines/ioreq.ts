/**
 * One slot of one IOREQ server (F9): the request of a vCPU on its way to the
 * device model and back, what Xen keeps privately about the vCPU meanwhile,
 * and whether there is still somebody who could answer. A request is over
 * only when the vCPU has run Xen's resume path, not when it is answered
 * (F9.6).
 */
import { setup } from 'xstate';
import { numericEntries, numericKeys } from '../src/host/codec.ts';
import { IOREQ } from '../src/host/constants.ts';
import { contentOf } from '../src/host/hardware.ts';
import type { Host } from '../src/host/host.ts';
import type { IoreqServer } from '../src/host/ioreq.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { domainAt, vcpuAt } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Slot = { readonly domid: number; readonly vcpu: number; readonly server: number };

const serverOf = (world: World, { domid, server }: Slot): IoreqServer | undefined =>
  domainAt(world, { domid })?.ioreqServers[server];
/** State of the slot; null: no server, or none of its slots is this vCPU's. */
const stateOf = (world: World, of: Slot): number | null => {
  const page = serverOf(world, of)?.ioreqPage ?? null;
  if (page === null) return null;
  return contentOf(hostOf(world).hardware, page, 'ioreq')?.slots[of.vcpu]?.state ?? null;
};
/** What Xen keeps of an emulation of the vCPU, whichever server it is with (F9.5). */
const emulation = (world: World, of: Slot): 'none' | 'deferring' | 'suspended' | 'overtaken' => {
  const v = vcpuAt(world, of);
  if (v === undefined) return 'none';
  if (v.deferShutdown) return 'deferring';
  if (v.io.suspended) return 'suspended';
  return v.io.completion === 'none' ? 'none' : 'overtaken';
};
const emulatorLife = (world: World, of: Slot): 'none' | 'alive' | 'dying' | 'gone' => {
  const s = serverOf(world, of);
  if (s === undefined) return 'none';
  const d = domainAt(world, { domid: s.emulator });
  return d === undefined ? 'gone' : d.dying === 'alive' ? 'alive' : 'dying';
};

const says = {
  noServer: (world: World, of: Slot) => stateOf(world, of) === null,
  none: (world: World, of: Slot) => stateOf(world, of) === IOREQ.NONE,
  ready: (world: World, of: Slot) => stateOf(world, of) === IOREQ.READY,
  inProcess: (world: World, of: Slot) => stateOf(world, of) === IOREQ.INPROCESS,
  respReady: (world: World, of: Slot) => stateOf(world, of) === IOREQ.RESP_READY,
  still: (world: World, of: Slot) => emulation(world, of) === 'none',
  deferring: (world: World, of: Slot) => emulation(world, of) === 'deferring',
  suspended: (world: World, of: Slot) => emulation(world, of) === 'suspended',
  overtaken: (world: World, of: Slot) => emulation(world, of) === 'overtaken',
  nobody: (world: World, of: Slot) => emulatorLife(world, of) === 'none',
  alive: (world: World, of: Slot) => emulatorLife(world, of) === 'alive',
  dying: (world: World, of: Slot) => emulatorLife(world, of) === 'dying',
  gone: (world: World, of: Slot) => emulatorLife(world, of) === 'gone',
};

const ioreq = setup({
  types: {
    context: {} as ChartContext<Slot>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Slot>,
  },
  guards: guardsOf<Slot, typeof says>(says),
  actions: { step: stepOf<Slot>() },
}).createMachine({
  id: 'ioreq',
  description: 'One request of one vCPU to one IOREQ server.',
  context: ({ input }) => input,
  type: 'parallel',
  states: {
    slot: {
      description: 'The slot that Xen and the emulator share.',
      meta: { facts: ['F9.1', 'F9.2'] },
      on: {
        'lu.jump': {
          guard: 'becomesNoServer',
          target: '.noServer',
          actions: 'step',
          description: 'The page is where it was; nobody knows it.',
        },
        'kexec.exec': {
          target: '.noServer',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'What does the slot say?',
          meta: { facts: ['F9.1', 'F9.2'] },
          always: [
            { guard: 'isNoServer', target: 'noServer' },
            { guard: 'isNone', target: 'none' },
            { guard: 'isReady', target: 'ready' },
            { guard: 'isInProcess', target: 'inProcess' },
            { target: 'respReady' },
          ],
        },
        noServer: {
          description: 'There is no such server, or xen#2 has not made it yet.',
          meta: { facts: ['F9.3'], says: 'noServer' },
          on: {
            'ioreq.create': { guard: 'becomesNone', target: 'none', actions: 'step' },
            'restore.2': [
              {
                guard: 'becomesNone',
                target: 'none',
                actions: 'step',
                description: 'Servers keep their pages and ports (F9.4).',
              },
              { guard: 'becomesReady', target: 'ready', actions: 'step' },
              { guard: 'becomesInProcess', target: 'inProcess', actions: 'step' },
              { guard: 'becomesRespReady', target: 'respReady', actions: 'step' },
            ],
          },
        },
        none: {
          description: 'IOREQ_NONE: no request.',
          meta: { facts: ['F9.1'], says: 'none' },
          on: {
            'domain.kill': {
              guard: 'becomesNoServer',
              target: 'noServer',
              actions: 'step',
              description: 'The last phase of the teardown takes the servers.',
            },
            'hypercall.finish': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'ioreq.destroy': {
              guard: 'becomesNoServer',
              target: 'noServer',
              actions: 'step',
              description: 'The emulator takes its server away.',
            },
            'ioreq.send': {
              guard: 'becomesReady',
              target: 'ready',
              actions: 'step',
              description: 'The vCPU touches what the server claims, and waits in Xen.',
            },
          },
        },
        ready: {
          description: 'READY: filled and sent by Xen.',
          meta: { facts: ['F9.1', 'F9.5'], says: 'ready' },
          on: {
            'domain.kill': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'emulator.take': {
              guard: 'becomesInProcess',
              target: 'inProcess',
              actions: 'step',
              description: "The emulator's domain must run for that (R14).",
            },
            'hypercall.finish': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'ioreq.destroy': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
          },
        },
        inProcess: {
          description: 'INPROCESS: the emulator has seen it.',
          meta: { facts: ['F9.1'], says: 'inProcess' },
          on: {
            'domain.kill': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'emulator.respond': {
              guard: 'becomesRespReady',
              target: 'respReady',
              actions: 'step',
              description: 'The notification wakes the vCPU.',
            },
            'hypercall.finish': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'ioreq.destroy': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
          },
        },
        respReady: {
          description: 'IORESP_READY: answered; Xen has not run its resume path.',
          meta: { facts: ['F9.1', 'F9.6'], says: 'respReady' },
          on: {
            'domain.kill': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'hypercall.finish': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'ioreq.destroy': { guard: 'becomesNoServer', target: 'noServer', actions: 'step' },
            'vcpu.complete-io': {
              guard: 'becomesNone',
              target: 'none',
              actions: 'step',
              description: 'The vCPU runs again, and the access with it.',
            },
          },
        },
      },
    },
    emulation: {
      description: 'What Xen alone knows of the vCPU meanwhile.',
      meta: { facts: ['F9.5', 'F2.25'] },
      on: {
        'lu.jump': {
          guard: 'becomesStill',
          target: '.still',
          actions: 'step',
          description: 'None of it is in any record: that is why the update waits (R12).',
        },
        'kexec.exec': {
          target: '.still',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is it in the middle of an access?',
          meta: { facts: ['F9.5', 'F2.25'] },
          always: [
            { guard: 'isStill', target: 'still' },
            { guard: 'isDeferring', target: 'deferring' },
            { guard: 'isSuspended', target: 'suspended' },
            { target: 'overtaken' },
          ],
        },
        still: {
          description: 'Nothing is in flight.',
          meta: { facts: ['I2.2'], says: 'still' },
          on: {
            'ioreq.send': [
              {
                guard: 'becomesDeferring',
                target: 'deferring',
                actions: 'step',
                description: 'vcpu_start_shutdown_deferral, before anything is sent.',
              },
              { guard: 'becomesSuspended', target: 'suspended', actions: 'step' },
            ],
          },
        },
        deferring: {
          description: 'defer_shutdown: a shutdown waits for the completion.',
          meta: { facts: ['F2.25'], says: 'deferring' },
          on: {
            'domain.kill': { guard: 'becomesStill', target: 'still', actions: 'step' },
            'hypercall.finish': { guard: 'becomesStill', target: 'still', actions: 'step' },
            'lu.park': {
              guard: 'becomesOvertaken',
              target: 'overtaken',
              actions: 'step',
              description:
                'Only where parking is a shutdown, and its stored code a crash (Q1, S3).',
            },
            'sched.remote_shutdown': {
              guard: 'becomesOvertaken',
              target: 'overtaken',
              actions: 'step',
            },
            'vcpu.complete-io': {
              guard: 'becomesStill',
              target: 'still',
              actions: 'step',
              description: 'vcpu_end_shutdown_deferral, after everything is consumed.',
            },
          },
        },
        suspended: {
          description: 'It met a shutdown, and will execute the instruction again.',
          meta: { facts: ['F2.25', 'F9.5'], says: 'suspended' },
          on: {
            'domain.kill': { guard: 'becomesStill', target: 'still', actions: 'step' },
            'hypercall.finish': { guard: 'becomesStill', target: 'still', actions: 'step' },
            'vcpu.complete-io': { guard: 'becomesStill', target: 'still', actions: 'step' },
          },
        },
        overtaken: {
          description: 'A crash did not wait: stopped with its request in flight (F2.23).',
          meta: { facts: ['F2.23', 'S3'], says: 'overtaken' },
          on: {
            'domain.kill': { guard: 'becomesStill', target: 'still', actions: 'step' },
            'hypercall.finish': { guard: 'becomesStill', target: 'still', actions: 'step' },
            'vcpu.complete-io': { guard: 'becomesStill', target: 'still', actions: 'step' },
          },
        },
      },
    },
    emulator: {
      description: 'Is there somebody who could answer?',
      meta: { facts: ['F9.3', 'F9.7'] },
      on: {
        'lu.jump': {
          guard: 'becomesNobody',
          target: '.nobody',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.nobody',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: "Does the emulator's domain live?",
          meta: { facts: ['F9.3', 'F9.7'] },
          always: [
            { guard: 'isNobody', target: 'nobody' },
            { guard: 'isAlive', target: 'alive' },
            { guard: 'isDying', target: 'dying' },
            { target: 'gone' },
          ],
        },
        nobody: {
          description: 'There is no server.',
          meta: { facts: ['F9.3'], says: 'nobody' },
          on: {
            'ioreq.create': { guard: 'becomesAlive', target: 'alive', actions: 'step' },
            'restore.2': [
              {
                guard: 'becomesAlive',
                target: 'alive',
                actions: 'step',
                description: 'The server names its emulator by domid (R17).',
              },
              { guard: 'becomesDying', target: 'dying', actions: 'step' },
              { guard: 'becomesGone', target: 'gone', actions: 'step' },
            ],
          },
        },
        alive: {
          description: 'The domain that runs the device model lives.',
          meta: { facts: ['F9.3', 'R14'], says: 'alive' },
          on: {
            'domain.kill': { guard: 'becomesNobody', target: 'nobody', actions: 'step' },
            'domctl.destroydomain': {
              guard: 'becomesDying',
              target: 'dying',
              actions: 'step',
              description: "The emulator's domain is destroyed.",
            },
            'hypercall.finish': { guard: 'becomesNobody', target: 'nobody', actions: 'step' },
            'ioreq.destroy': { guard: 'becomesNobody', target: 'nobody', actions: 'step' },
            'restore.2': {
              guard: 'becomesDying',
              target: 'dying',
              actions: 'step',
              description: 'The end of its restore says that it is dying (section 11 rule 11).',
            },
          },
        },
        dying: {
          description: 'It is dying: it will never run again.',
          meta: { facts: ['F2.6', 'F9.7'], says: 'dying' },
          on: {
            '*': {
              guard: 'becomesGone',
              target: 'gone',
              actions: 'step',
              description: 'The last reference to it is dropped, by whatever event (F2.15).',
            },
            'domain.kill': {
              guard: 'becomesNobody',
              target: 'nobody',
              actions: 'step',
              description: 'The guest goes first, and its servers with it.',
            },
            'hypercall.finish': { guard: 'becomesNobody', target: 'nobody', actions: 'step' },
          },
        },
        gone: {
          description: 'It left the domain list: a request waits for ever.',
          meta: { facts: ['F2.15', 'F9.7'], says: 'gone' },
          on: {
            'domain.kill': { guard: 'becomesNobody', target: 'nobody', actions: 'step' },
            'hypercall.finish': { guard: 'becomesNobody', target: 'nobody', actions: 'step' },
          },
        },
      },
    },
  },
});

const placesOf = (host: Host): readonly Slot[] =>
  numericEntries(host.xen.domains).flatMap(([domid, d]) =>
    numericEntries(d.ioreqServers).flatMap(([server, s]) =>
      numericKeys(s.vcpus).map((vcpu) => ({ domid, vcpu, server })),
    ),
  );

export default chart<Slot>({
  name: 'ioreq',
  machine: ioreq,
  says,
  questions: {},
  places: placesOf,
  label: ({ domid, vcpu, server }) => `d${domid}v${vcpu} server ${server}`,
});
