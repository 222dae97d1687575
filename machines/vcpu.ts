/**
 * A vCPU: whether it is up, what it is in the middle of, who holds it, and
 * whether it stands at the restartable boundary (F2.17, F3, F9.5). Four
 * regions, since none of them follows from another.
 */
import { setup } from 'xstate';
import { numericEntries } from '../src/host/codec.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { freeDomids, type VcpuPlace as Place } from '../src/world/look.ts';
import { vcpuSays as says } from '../src/world/vcpu-says.ts';
import type { WorldEvent } from '../src/world/world.ts';

const vcpu = setup({
  types: {
    context: {} as ChartContext<Place>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Place>,
  },
  guards: guardsOf<Place, typeof says>(says),
  actions: { step: stepOf<Place>() },
}).createMachine({
  id: 'vcpu',
  description: 'A vCPU of a domain, in either Xen.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Is it there on this host?',
      meta: { facts: ['F2.4'] },
      always: [{ guard: 'isPresent', target: 'present' }, { target: 'absent' }],
    },
    absent: {
      description: 'Its domain is not there, or has no such vCPU.',
      meta: { facts: ['F2.1', 'F2.4'], says: 'absent' },
      on: {
        'domctl.max_vcpus': {
          guard: 'becomesPresent',
          target: 'present',
          actions: 'step',
          description: 'vcpu_create, in ascending order.',
        },
      },
    },
    present: {
      description: 'Its domain is in the list.',
      meta: { facts: ['F2.4', 'F2.17'], says: 'present' },
      type: 'parallel',
      on: {
        '*': {
          guard: 'becomesAbsent',
          target: 'absent',
          actions: 'step',
          description: 'The last reference to its domain goes, by whatever event.',
        },
        'kexec.exec': {
          target: 'absent',
          actions: 'step',
          description: 'A boot that is no update: no domain survives it.',
        },
        'lu.jump': [
          { guard: 'becomesInStream', target: 'crossing.inStream', actions: 'step' },
          {
            target: 'absent',
            actions: 'step',
            description: 'Only of a zombie, where R8 is dropped.',
          },
        ],
      },
      states: {
        power: {
          description: 'Whether the guest has brought it up.',
          meta: { facts: ['F2.17'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'Is it up?',
              meta: { facts: ['F2.17'] },
              always: [{ guard: 'isOnline', target: 'online' }, { target: 'offline' }],
            },
            offline: {
              description: 'Not initialised, or VPF_down.',
              meta: { facts: ['F2.17'], says: 'offline' },
              on: {
                'vcpu.up': { guard: 'becomesOnline', target: 'online', actions: 'step' },
                'domctl.setvcpucontext': {
                  guard: 'becomesOnline',
                  target: 'online',
                  actions: 'step',
                  description: 'The tool stack fills the first one.',
                },
                'tasklet.run': {
                  guard: 'becomesOnline',
                  target: 'online',
                  actions: 'step',
                  description: 'INIT and SIPI have waited in a tasklet (F3.16).',
                },
              },
            },
            online: {
              description: 'Up; whether it may run is for the other regions to say.',
              meta: { facts: ['F2.17'], says: 'online' },
              on: { 'vcpu.down': { guard: 'becomesOffline', target: 'offline', actions: 'step' } },
            },
          },
        },
        activity: {
          description: 'What it is in the middle of.',
          meta: { facts: ['F3.4', 'F9.5', 'F9.9'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'What is it in the middle of?',
              meta: { facts: ['F9.9'] },
              always: [
                { guard: 'isGuest', target: 'guest' },
                { guard: 'isHypercall', target: 'hypercall' },
                { guard: 'isTasklet', target: 'tasklet' },
                { guard: 'isBlocked', target: 'blocked' },
                { guard: 'isPolling', target: 'polling' },
                { guard: 'isReady', target: 'ioreq.ready' },
                { guard: 'isInProcess', target: 'ioreq.inProcess' },
                { guard: 'isCompleting', target: 'ioreq.completing' },
                { guard: 'isSuspended', target: 'suspended' },
                { target: 'waitQueue' },
              ],
            },
            guest: {
              description: 'In the guest: its registers are its own.',
              meta: { facts: ['F2.17'], says: 'guest' },
              on: {
                'ioreq.send': [
                  { guard: 'becomesReady', target: 'ioreq.ready', actions: 'step' },
                  {
                    guard: 'becomesSuspended',
                    target: 'suspended',
                    actions: 'step',
                    description: 'A shutdown is under way: no deferral (F2.25).',
                  },
                ],
                'sched.block': { guard: 'becomesBlocked', target: 'blocked', actions: 'step' },
                'sched.poll': { guard: 'becomesPolling', target: 'polling', actions: 'step' },
                'domctl.destroydomain': {
                  guard: 'becomesHypercall',
                  target: 'hypercall',
                  actions: 'step',
                },
                'domctl.shadow_op': {
                  guard: 'becomesHypercall',
                  target: 'hypercall',
                  actions: 'step',
                },
                'domctl.soft_reset': {
                  guard: 'becomesHypercall',
                  target: 'hypercall',
                  actions: 'step',
                },
                'evtchn.reset': { guard: 'becomesHypercall', target: 'hypercall', actions: 'step' },
                'mmuext.pin': { guard: 'becomesHypercall', target: 'hypercall', actions: 'step' },
                'mmuext.unpin': { guard: 'becomesHypercall', target: 'hypercall', actions: 'step' },
                'memory.extents': {
                  guard: 'becomesHypercall',
                  target: 'hypercall',
                  actions: 'step',
                },
                multicall: { guard: 'becomesHypercall', target: 'hypercall', actions: 'step' },
                'domctl.contended': {
                  guard: 'becomesHypercall',
                  target: 'hypercall',
                  actions: 'step',
                  description: 'The lock is taken: it issues the same call again (C5).',
                },
                'sysctl.cpu_hotplug': {
                  guard: 'becomesTasklet',
                  target: 'tasklet',
                  actions: 'step',
                  description: 'continue_hypercall_on_cpu (F3.12).',
                },
              },
            },
            hypercall: {
              description: 'Preempted in a hypercall: rip stands on the instruction.',
              meta: { facts: ['F3.1', 'F3.2'], says: 'hypercall' },
              on: {
                'hypercall.finish': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'Xen carries it to its end without the guest.',
                },
                'hypercall.reenter': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'domctl.destroydomain': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'Issued again (C5), of a domain that is dead already.',
                },
                'domctl.pausedomain': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'domctl.unpausedomain': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'domctl.resumedomain': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'domctl.soft_reset-continue': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                },
                'evtchn.reset-continue': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                },
                'mmuext.pin-continue': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'mm.put-old-table': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'paging.continue': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'domain.kill': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'The domain that it destroys is dead: 0 for all that asked.',
                },
              },
            },
            tasklet: {
              description: 'Its hypercall runs on another CPU; rax holds a dummy 0.',
              meta: { facts: ['F3.12', 'F3.13'], says: 'tasklet' },
              on: { 'tasklet.run': { guard: 'becomesGuest', target: 'guest', actions: 'step' } },
            },
            blocked: {
              description: 'In SCHEDOP_block, until an event comes.',
              meta: { facts: ['F2.17'], says: 'blocked' },
              on: {
                '*': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'An event wakes it, whatever caused it.',
                },
                'lu.park': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'Only where parking is a shutdown, which dom0 is told of (S5).',
                },
              },
            },
            polling: {
              description: 'In SCHEDOP_poll, until one of its ports is pending.',
              meta: { facts: ['F2.17'], says: 'polling' },
              on: {
                '*': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'An event wakes it, whatever caused it.',
                },
                'lu.park': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'Only where parking is a shutdown, which dom0 is told of (S5).',
                },
              },
            },
            ioreq: {
              description: 'An access that an emulator carries out; it defers shutdowns.',
              meta: { facts: ['F2.25', 'F9.1', 'F9.6'] },
              initial: 'ready',
              on: {
                'ioreq.destroy': {
                  guard: 'becomesCompleting',
                  target: '.completing',
                  actions: 'step',
                  description: 'The server is gone: nothing to wait for.',
                },
                'domain.kill': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'Its domain dies, and the servers go last: no answer comes.',
                },
                'hypercall.finish': {
                  guard: 'becomesGuest',
                  target: 'guest',
                  actions: 'step',
                  description: 'The same, by a teardown carried out at once.',
                },
              },
              states: {
                ready: {
                  description: 'STATE_IOREQ_READY: blocked in Xen until the answer.',
                  meta: { facts: ['F9.1', 'F9.5'], says: 'ready' },
                  on: {
                    'emulator.take': {
                      guard: 'becomesInProcess',
                      target: 'inProcess',
                      actions: 'step',
                    },
                  },
                },
                inProcess: {
                  description: 'STATE_IOREQ_INPROCESS: the emulator is at it.',
                  meta: { facts: ['F9.1'], says: 'inProcess' },
                  on: {
                    'emulator.respond': {
                      guard: 'becomesCompleting',
                      target: 'completing',
                      actions: 'step',
                    },
                  },
                },
                completing: {
                  description: "Answered; Xen's resume path has still to run on it.",
                  meta: { facts: ['F9.6'], says: 'completing' },
                  on: {
                    'vcpu.complete-io': {
                      guard: 'becomesGuest',
                      target: '#vcpu.present.activity.guest',
                      actions: 'step',
                    },
                  },
                },
              },
            },
            suspended: {
              description: 'It came too late to send: it will execute the instruction again.',
              meta: { facts: ['F2.25'], says: 'suspended' },
              on: {
                'vcpu.complete-io': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'domain.kill': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
                'hypercall.finish': { guard: 'becomesGuest', target: 'guest', actions: 'step' },
              },
            },
            waitQueue: {
              description: 'Its hypervisor stack is set aside, or a monitor holds it.',
              meta: { facts: ['F3.18', 'S64'], says: 'waitQueue' },
            },
          },
        },
        pause: {
          description: 'v->pause_count: by tool stack, shutdown, or a tasklet that works for it.',
          meta: { facts: ['F2.18', 'F2.19', 'F2.23'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'Is it paused?',
              meta: { facts: ['F2.18'] },
              always: [{ guard: 'isPaused', target: 'paused' }, { target: 'unpaused' }],
            },
            unpaused: {
              description: 'Nobody holds this vCPU in particular.',
              meta: { facts: ['F2.18'], says: 'unpaused' },
              on: {
                'sysctl.cpu_hotplug': { guard: 'becomesPaused', target: 'paused', actions: 'step' },
                'sched.shutdown': { guard: 'becomesPaused', target: 'paused', actions: 'step' },
                'sched.remote_shutdown': {
                  guard: 'becomesPaused',
                  target: 'paused',
                  actions: 'step',
                },
                'vcpu.down': {
                  guard: 'becomesPaused',
                  target: 'paused',
                  actions: 'step',
                  description: 'The last one up goes down: a shutdown.',
                },
                'grant.unmap': {
                  guard: 'becomesPaused',
                  target: 'paused',
                  actions: 'step',
                  description: 'Xen crashes its domain (F7.6).',
                },
                'ioreq.send': {
                  guard: 'becomesPaused',
                  target: 'paused',
                  actions: 'step',
                  description: 'It comes late to a shutdown.',
                },
                'vcpu.complete-io': {
                  guard: 'becomesPaused',
                  target: 'paused',
                  actions: 'step',
                  description: 'It had deferred a shutdown, and joins it now.',
                },
                'lu.park': {
                  guard: 'becomesPaused',
                  target: 'paused',
                  actions: 'step',
                  description: 'Only where parking is a shutdown.',
                },
              },
            },
            paused: {
              description: 'Held; its holders nest.',
              meta: { facts: ['F2.18', 'F2.19'], says: 'paused' },
              on: {
                'tasklet.run': { guard: 'becomesUnpaused', target: 'unpaused', actions: 'step' },
                'domctl.resumedomain': {
                  guard: 'becomesUnpaused',
                  target: 'unpaused',
                  actions: 'step',
                },
                'domctl.soft_reset': {
                  guard: 'becomesUnpaused',
                  target: 'unpaused',
                  actions: 'step',
                },
                'domctl.soft_reset-continue': {
                  guard: 'becomesUnpaused',
                  target: 'unpaused',
                  actions: 'step',
                },
                'hypercall.finish': {
                  guard: 'becomesUnpaused',
                  target: 'unpaused',
                  actions: 'step',
                  description: 'A soft reset of its domain, carried to its end.',
                },
                'lu.rollback': {
                  guard: 'becomesUnpaused',
                  target: 'unpaused',
                  actions: 'step',
                  description: 'Only where parking was a shutdown.',
                },
                'lu.resume': {
                  guard: 'becomesUnpaused',
                  target: 'unpaused',
                  actions: 'step',
                  description: 'Only where parking was a shutdown.',
                },
              },
            },
          },
        },
        boundary: {
          description: 'Whether the update has stopped it, at the restartable boundary.',
          meta: { facts: ['R12', 'F9.9'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'Has the update parked its domain?',
              meta: { facts: ['R12'] },
              always: [{ guard: 'isParked', target: 'parked' }, { target: 'loose' }],
            },
            loose: {
              description: 'The update does not hold it.',
              meta: { facts: ['R12'], says: 'loose' },
              on: {
                'lu.park': { guard: 'becomesParked', target: 'parked', actions: 'step' },
                'lu.request': {
                  guard: 'becomesParked',
                  target: 'parked',
                  actions: 'step',
                  description: 'Only where R13 is dropped.',
                },
              },
            },
            parked: {
              description: 'At the boundary, where it can be saved.',
              meta: { facts: ['R2', 'R12', 'F9.9'], says: 'parked' },
              on: {
                'lu.rollback': {
                  target: 'loose',
                  actions: 'step',
                  description: 'Of all that are parked at once.',
                },
                'lu.resume': { guard: 'becomesLoose', target: 'loose', actions: 'step' },
              },
            },
          },
        },
      },
    },
    crossing: {
      description: 'Between xen#1 and xen#2.',
      meta: { facts: ['R37', 'R39'] },
      initial: 'inStream',
      states: {
        inStream: {
          description: 'A VCPU record, and memory.',
          meta: { facts: ['R16', 'R18'], says: 'inStream' },
          on: {
            'restore.0c': {
              guard: 'becomesMade',
              target: 'made',
              actions: 'step',
              description: 'vcpu_create, in ascending order (F2.4).',
            },
          },
        },
        made: {
          description: 'There, down, and without its state.',
          meta: { facts: ['R37', 'F2.4'], says: 'made' },
          on: {
            'restore.2': {
              guard: 'becomesPresent',
              target: '#vcpu.present',
              actions: 'step',
              description: 'Registers, pauses and timers, from its records.',
            },
          },
        },
      },
    },
  },
});

export default chart<Place>({
  name: 'vcpu',
  machine: vcpu,
  says,
  questions: {},
  places: (host) =>
    numericEntries(host.xen.domains).flatMap(([domid, d]) =>
      d.vcpus.map((v) => ({ domid, vcpu: v.id as number })),
    ),
  placesToCome: (host) =>
    freeDomids(host).flatMap((domid) => [0, 1].map((id) => ({ domid, vcpu: id }))),
  label: ({ domid, vcpu: id }) => `d${domid}v${id}`,
});
