/**
 * A domain, from its creation to the moment at which its domid is free again
 * (F2). Pauses of different holders nest, and a shutdown is another thing
 * than a pause: four regions, side by side, as long as it is alive.
 *
 * In the order of the literal: `absent`; `alive`, with `controller` (the tool
 * stack's pauses), `xen` (pauses of holders inside Xen), `scheduling` (their
 * sum) and `shutdown`; `dying`, a state for each phase of domain_kill; `dead`;
 * `gone`; `crossing`, the passes of xen#2. What the host says in each state
 * is in `says/domain.ts`, what an event does in `src/hypercalls`.
 */
import { setup } from 'xstate';
import { numericKeys } from '../src/host/codec.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { freeDomids, type DomainPlace as Place } from '../src/world/look.ts';
import type { WorldEvent } from '../src/world/world.ts';
import { domainSays as says } from './says/domain.ts';

const domain = setup({
  types: {
    context: {} as ChartContext<Place>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Place>,
  },
  guards: guardsOf<Place, typeof says>(says),
  actions: { step: stepOf<Place>() },
}).createMachine({
  id: 'domain',
  description: 'A domain, from XEN_DOMCTL_createdomain until its domid is free again.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Where does it stand on this host?',
      meta: { facts: ['F2.6'] },
      always: [
        { guard: 'isAlive', target: 'alive' },
        { guard: 'isDying', target: 'dying' },
        { guard: 'isZombie', target: 'dead.zombie' },
        { guard: 'isDestroyed', target: 'dead.destroyed' },
        { target: 'absent' },
      ],
    },
    absent: {
      description: 'There is no such domain.',
      meta: { facts: ['F2.1'], says: 'absent' },
      on: {
        'domctl.createdomain': {
          guard: 'becomesAlive',
          target: 'alive',
          actions: 'step',
          description: 'Born paused by the tool stack, with its controller_pause_count at 1.',
        },
      },
    },
    alive: {
      description: 'DOMDYING_alive.',
      meta: { facts: ['F2.6'], says: 'alive' },
      type: 'parallel',
      on: {
        'domctl.destroydomain': {
          guard: 'becomesDying',
          target: 'dying.gnttab_mappings',
          actions: 'step',
          description: 'domain_kill pauses it for ever; there is no way back.',
        },
        'kexec.exec': {
          target: 'gone',
          actions: 'step',
          description: 'A boot that is no update: nothing survives it (S29).',
        },
        'lu.jump': {
          target: 'crossing.inStream',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
      },
      states: {
        controller: {
          description: 'What the tool stack holds: controller_pause_count.',
          meta: { facts: ['F2.2', 'F2.19'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'How often has the tool stack paused it?',
              meta: { facts: ['F2.19'] },
              always: [
                { guard: 'isCreated', target: 'created' },
                { guard: 'isReleased', target: 'released' },
                { guard: 'isPausedOnce', target: 'pausedOnce' },
                { target: 'pausedOften' },
              ],
            },
            created: {
              description: 'It has never run: creation_finished is false.',
              meta: { facts: ['F2.1', 'F2.2'], says: 'created' },
              on: {
                'domctl.unpausedomain': {
                  guard: 'becomesReleased',
                  target: 'released',
                  actions: 'step',
                  description: 'The count comes to 0 for the first time: creation is finished.',
                },
                'lu.resume': {
                  guard: 'becomesReleased',
                  target: 'released',
                  actions: 'step',
                  description: 'Only where R3 is dropped.',
                },
              },
            },
            released: {
              description: 'The tool stack holds no pause.',
              meta: { facts: ['F2.19'], says: 'released' },
              on: {
                'domctl.pausedomain': {
                  guard: 'becomesPausedOnce',
                  target: 'pausedOnce',
                  actions: 'step',
                },
              },
            },
            pausedOnce: {
              description: 'The tool stack holds one pause.',
              meta: { facts: ['F2.19'], says: 'pausedOnce' },
              on: {
                'domctl.pausedomain': {
                  guard: 'becomesPausedOften',
                  target: 'pausedOften',
                  actions: 'step',
                },
                'domctl.unpausedomain': {
                  guard: 'becomesReleased',
                  target: 'released',
                  actions: 'step',
                },
                'lu.resume': {
                  guard: 'becomesReleased',
                  target: 'released',
                  actions: 'step',
                  description: 'Only where R3 is dropped: others still held pauses.',
                },
              },
            },
            pausedOften: {
              description: 'Pauses of the tool stack nest, up to 255.',
              meta: { facts: ['F2.19'], says: 'pausedOften' },
              on: {
                'domctl.unpausedomain': {
                  guard: 'becomesPausedOnce',
                  target: 'pausedOnce',
                  actions: 'step',
                },
                'lu.resume': {
                  guard: 'becomesReleased',
                  target: 'released',
                  actions: 'step',
                  description: 'Only where R3 is dropped: others still held pauses.',
                },
              },
            },
          },
        },
        xen: {
          description: 'What holders inside Xen hold besides.',
          meta: { facts: ['F2.18', 'I2.1'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'Does anything in Xen hold it?',
              meta: { facts: ['I2.1'] },
              always: [
                { guard: 'isParked', target: 'parked' },
                { guard: 'isMonitored', target: 'monitored' },
                { target: 'unheld' },
              ],
            },
            unheld: {
              description: 'Nothing in Xen holds it.',
              meta: { facts: ['F2.18'], says: 'unheld' },
              on: {
                'lu.park': { guard: 'becomesParked', target: 'parked', actions: 'step' },
                'lu.request': {
                  guard: 'becomesParked',
                  target: 'parked',
                  actions: 'step',
                  description: 'Only where R13 is dropped: who asks is held until the end.',
                },
              },
            },
            monitored: {
              description: 'A vm_event listener holds it.',
              meta: { facts: ['F3.18', 'I2.1'], says: 'monitored' },
              on: {
                'lu.park': { guard: 'becomesParked', target: 'parked', actions: 'step' },
                'lu.resume': {
                  guard: 'becomesUnheld',
                  target: 'unheld',
                  actions: 'step',
                  description: 'Only where R3 is dropped: resumed again, whoever holds it.',
                },
              },
            },
            parked: {
              description: 'The update holds it, with a pause of its own.',
              meta: { facts: ['R2', 'R12', 'I2.1'], says: 'parked' },
              on: {
                'lu.rollback': [
                  {
                    guard: 'becomesUnheld',
                    target: 'unheld',
                    actions: 'step',
                    description: 'The update is given up before the jump.',
                  },
                  { target: 'monitored', actions: 'step' },
                ],
                'lu.resume': [
                  {
                    guard: 'becomesUnheld',
                    target: 'unheld',
                    actions: 'step',
                    description: "xen#2 takes the update's pause back.",
                  },
                  { guard: 'becomesMonitored', target: 'monitored', actions: 'step' },
                ],
              },
            },
          },
        },
        scheduling: {
          description: 'The sum of all pauses: d->pause_count.',
          meta: { facts: ['F2.17', 'F2.18'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'Is anybody holding it?',
              meta: { facts: ['F2.17'] },
              always: [{ guard: 'isRunning', target: 'running' }, { target: 'stopped' }],
            },
            running: {
              description: 'Its vCPUs may run.',
              meta: { facts: ['F2.17'], says: 'running' },
              on: {
                'domctl.pausedomain': {
                  guard: 'becomesStopped',
                  target: 'stopped',
                  actions: 'step',
                },
                'lu.park': { guard: 'becomesStopped', target: 'stopped', actions: 'step' },
                'lu.request': {
                  guard: 'becomesStopped',
                  target: 'stopped',
                  actions: 'step',
                  description: 'Only where R13 is dropped.',
                },
              },
            },
            stopped: {
              description: 'Somebody holds a pause; it runs when the last one lets go.',
              meta: { facts: ['F2.18'], says: 'stopped' },
              on: {
                'domctl.unpausedomain': {
                  guard: 'becomesRunning',
                  target: 'running',
                  actions: 'step',
                },
                'lu.rollback': { guard: 'becomesRunning', target: 'running', actions: 'step' },
                'lu.resume': { guard: 'becomesRunning', target: 'running', actions: 'step' },
              },
            },
          },
        },
        shutdown: {
          description: 'domain_shutdown, which ends with all vCPUs paused for it.',
          meta: { facts: ['F2.22', 'F2.23'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'Has it shut down?',
              meta: { facts: ['F2.22'] },
              always: [
                { guard: 'isUp', target: 'up' },
                { guard: 'isShuttingDown', target: 'deferred' },
                { target: 'complete' },
              ],
            },
            up: {
              description: 'No shutdown is under way.',
              meta: { facts: ['F2.22'], says: 'up' },
              initial: 'looking',
              on: {
                'sched.shutdown': [
                  { guard: 'becomesShutDown', target: 'complete', actions: 'step' },
                  {
                    guard: 'becomesShuttingDown',
                    target: 'deferred',
                    actions: 'step',
                    description: 'A vCPU with an emulation in flight is left out for now.',
                  },
                ],
                'sched.remote_shutdown': [
                  { guard: 'becomesShutDown', target: 'complete', actions: 'step' },
                  { guard: 'becomesShuttingDown', target: 'deferred', actions: 'step' },
                ],
                'vcpu.down': {
                  guard: 'becomesShutDown',
                  target: 'complete',
                  actions: 'step',
                  description: 'The last vCPU goes down: the domain powers off.',
                },
                'grant.unmap': {
                  guard: 'becomesShutDown',
                  target: 'complete',
                  actions: 'step',
                  description: 'The granter is gone: Xen crashes who unmaps (F7.6).',
                },
                'lu.park': [
                  {
                    guard: 'becomesShutDown',
                    target: 'complete',
                    actions: 'step',
                    description: "Where Q1 says suspend, or R12' is dropped.",
                  },
                  { guard: 'becomesShuttingDown', target: 'deferred', actions: 'step' },
                ],
              },
              states: {
                looking: {
                  description: 'Was a code stored?',
                  meta: { facts: ['F2.27'] },
                  always: [{ guard: 'isCoded', target: 'coded' }, { target: 'codeless' }],
                },
                codeless: {
                  description: 'shutdown_code is SHUTDOWN_CODE_INVALID.',
                  meta: { facts: ['F2.1'], says: 'codeless' },
                  on: {
                    'sched.shutdown_code': {
                      guard: 'becomesCoded',
                      target: 'coded',
                      actions: 'step',
                    },
                  },
                },
                coded: {
                  description: 'The guest has stored a code, which will win over any other.',
                  meta: { facts: ['F2.23', 'F2.27', 'S3'], says: 'coded' },
                  on: {
                    'domctl.resumedomain': {
                      guard: 'becomesCodeless',
                      target: 'codeless',
                      actions: 'step',
                      description: 'domain_resume forgets a stored code as well.',
                    },
                  },
                },
                resumed: {
                  description: 'It had shut down and was resumed: state and code are forgotten.',
                  meta: { facts: ['F2.26'], says: 'codeless' },
                  on: {
                    'sched.shutdown_code': {
                      guard: 'becomesCoded',
                      target: 'coded',
                      actions: 'step',
                    },
                  },
                },
              },
            },
            deferred: {
              description: 'Under way: a vCPU waits for its emulator, the others are paused.',
              meta: { facts: ['F2.23', 'F2.25'], says: 'shuttingDown' },
              on: {
                'vcpu.complete-io': {
                  guard: 'becomesShutDown',
                  target: 'complete',
                  actions: 'step',
                  description: 'The last that deferred it stops.',
                },
                'ioreq.send': {
                  guard: 'becomesShutDown',
                  target: 'complete',
                  actions: 'step',
                  description: 'A vCPU that came late stops instead of sending.',
                },
                'domctl.resumedomain': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                },
                'lu.rollback': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                  description: 'Where the update had begun the shutdown.',
                },
              },
            },
            complete: {
              description: 'All vCPUs are paused for it, and somebody has been told (F2.24).',
              meta: { facts: ['F2.24'], says: 'shutDown' },
              initial: 'looking',
              on: {
                'domctl.resumedomain': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                },
                'domctl.soft_reset': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                  description: 'It is as if just made, for another kernel (F5.7).',
                },
                'domctl.soft_reset-continue': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                },
                'hypercall.finish': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                  description: 'A soft reset, carried to its end.',
                },
                'lu.rollback': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                  description: 'Where the update had shut it down.',
                },
                'lu.resume': {
                  guard: 'becomesUp',
                  target: 'up.resumed',
                  actions: 'step',
                  description: 'The same on xen#2: what had powered off runs again (S4).',
                },
              },
              states: {
                looking: {
                  description: 'With which code?',
                  meta: { facts: ['F2.21'] },
                  always: [
                    { guard: 'isPoweroff', target: 'poweroff' },
                    { guard: 'isReboot', target: 'reboot' },
                    { guard: 'isSuspend', target: 'suspend' },
                    { guard: 'isCrash', target: 'crash' },
                    { guard: 'isWatchdog', target: 'watchdog' },
                    { target: 'softReset' },
                  ],
                },
                poweroff: {
                  description: 'SHUTDOWN_poweroff.',
                  meta: { facts: ['F2.21'], says: 'poweroff' },
                },
                reboot: {
                  description: 'SHUTDOWN_reboot.',
                  meta: { facts: ['F2.21'], says: 'reboot' },
                },
                suspend: {
                  description: 'SHUTDOWN_suspend; its suspend port was notified, if it has one.',
                  meta: { facts: ['F2.21', 'F2.24'], says: 'suspend' },
                },
                crash: {
                  description: 'SHUTDOWN_crash, which waits for no emulator.',
                  meta: { facts: ['F2.21', 'F2.23'], says: 'crash' },
                },
                watchdog: {
                  description: 'SHUTDOWN_watchdog.',
                  meta: { facts: ['F2.21'], says: 'watchdog' },
                },
                softReset: {
                  description: 'SHUTDOWN_soft_reset.',
                  meta: { facts: ['F2.21', 'F5.7'], says: 'softReset' },
                },
              },
            },
          },
        },
      },
    },
    dying: {
      description: 'DOMDYING_dying: each state names the phase that comes next.',
      meta: { facts: ['F2.7', 'F2.8'], says: 'dying' },
      initial: 'looking',
      on: {
        'lu.jump': [
          {
            guard: 'becomesInStream',
            target: 'crossing.inStream',
            actions: 'step',
            description:
              'What is left of it is carried: all but its move to cpupool0 is done (F4.4), or Q3 says so.',
          },
          {
            target: 'absent',
            actions: 'step',
            description: 'Only where it is dropped (Q3).',
          },
        ],
        'kexec.exec': {
          target: 'gone',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'hypercall.finish': [
          {
            guard: 'becomesZombie',
            target: 'dead.zombie',
            actions: 'step',
            description: 'Xen carries the whole teardown out at once (Q3).',
          },
          { guard: 'becomesDestroyed', target: 'dead.destroyed', actions: 'step' },
          {
            guard: 'becomesFinishing',
            target: '.finishing',
            actions: 'step',
            description: 'All of it but the move to cpupool0, which fails (F4.4).',
          },
        ],
      },
      states: {
        looking: {
          description: 'How far has domain_kill come?',
          meta: { facts: ['F2.8'] },
          always: [
            { guard: 'isGnttab_mappings', target: 'gnttab_mappings' },
            { guard: 'isVcpu_teardown', target: 'vcpu_teardown' },
            { guard: 'isArch_teardown', target: 'arch_teardown' },
            { guard: 'isEvtchn', target: 'evtchn' },
            { guard: 'isPci', target: 'pci' },
            { guard: 'isIommu_pagetables', target: 'iommu_pagetables' },
            { guard: 'isShared', target: 'shared' },
            { guard: 'isMappings', target: 'mappings' },
            { guard: 'isPaging', target: 'paging' },
            { guard: 'isVcpu_pagetables', target: 'vcpu_pagetables' },
            { guard: 'isXen', target: 'xen' },
            { guard: 'isL4', target: 'l4' },
            { guard: 'isL3', target: 'l3' },
            { guard: 'isL2', target: 'l2' },
            { guard: 'isRest', target: 'rest' },
            { target: 'finishing' },
          ],
        },
        gnttab_mappings: {
          description: 'domain_teardown begins: what it mapped of others.',
          meta: { facts: ['F2.9', 'F7.10'], says: 'gnttab_mappings' },
          on: {
            'domain.kill': {
              guard: 'becomesVcpu_teardown',
              target: 'vcpu_teardown',
              actions: 'step',
            },
          },
        },
        vcpu_teardown: {
          description: 'Its vCPUs: timers stop, buffers go.',
          meta: { facts: ['F2.9'], says: 'vcpu_teardown' },
          on: {
            'domain.kill': [
              { guard: 'becomesArch_teardown', target: 'arch_teardown', actions: 'step' },
              {
                guard: 'becomesEvtchn',
                target: 'evtchn',
                actions: 'step',
                description: 'Versions without a phase for the architecture.',
              },
            ],
          },
        },
        arch_teardown: {
          description: 'What the architecture holds.',
          meta: { facts: ['F2.9'], says: 'arch_teardown' },
          on: {
            'domain.kill': [
              { guard: 'becomesEvtchn', target: 'evtchn', actions: 'step' },
              {
                guard: 'becomesVcpu_teardown',
                target: 'vcpu_teardown',
                actions: 'step',
                description: 'A phase that this version does not have: it starts over.',
              },
            ],
          },
        },
        evtchn: {
          description: 'evtchn_destroy, from the highest port down.',
          meta: { facts: ['F2.7', 'F4.3', 'F6.12'], says: 'evtchn' },
          on: { 'domain.kill': { guard: 'becomesPci', target: 'pci', actions: 'step' } },
        },
        pci: {
          description: 'domain_relinquish_resources begins: devices.',
          meta: { facts: ['F2.10'], says: 'pci' },
          on: {
            'domain.kill': {
              guard: 'becomesIommu_pagetables',
              target: 'iommu_pagetables',
              actions: 'step',
            },
          },
        },
        iommu_pagetables: {
          description: "The IOMMU's tables of the domain.",
          meta: { facts: ['F2.10', 'F8.19'], says: 'iommu_pagetables' },
          on: {
            'domain.kill': [
              { guard: 'becomesShared', target: 'shared', actions: 'step' },
              {
                guard: 'becomesPaging',
                target: 'paging',
                actions: 'step',
                description: 'Versions up to 4.17.',
              },
            ],
          },
        },
        shared: {
          description: 'Pages shared with others (CoW), and the fork parent.',
          meta: { facts: ['F2.10'], says: 'shared' },
          on: {
            'domain.kill': [
              { guard: 'becomesMappings', target: 'mappings', actions: 'step' },
              {
                guard: 'becomesXen',
                target: 'xen',
                actions: 'step',
                description: 'Versions up to 4.17.',
              },
            ],
          },
        },
        mappings: {
          description: 'Foreign entries of its P2M.',
          meta: { facts: ['F2.10', 'F8.20'], says: 'mappings' },
          on: {
            'domain.kill': [
              { guard: 'becomesPaging', target: 'paging', actions: 'step' },
              {
                guard: 'becomesVcpu_teardown',
                target: 'vcpu_teardown',
                actions: 'step',
                description: 'A phase that this version does not have: it starts over.',
              },
            ],
          },
        },
        paging: {
          description: 'The paging pool, and the P2M with it.',
          meta: { facts: ['F2.10', 'F4.5'], says: 'paging' },
          on: {
            'domain.kill': {
              guard: 'becomesVcpu_pagetables',
              target: 'vcpu_pagetables',
              actions: 'step',
            },
          },
        },
        vcpu_pagetables: {
          description: "The vCPUs' page-table bases and descriptor tables.",
          meta: { facts: ['F2.10', 'F8.5'], says: 'vcpu_pagetables' },
          on: {
            'domain.kill': [
              { guard: 'becomesXen', target: 'xen', actions: 'step' },
              {
                guard: 'becomesShared',
                target: 'shared',
                actions: 'step',
                description: 'Versions up to 4.17.',
              },
            ],
          },
        },
        xen: {
          description: 'The pages that Xen shares with it.',
          meta: { facts: ['F2.10', 'F2.11'], says: 'xen' },
          on: { 'domain.kill': { guard: 'becomesL4', target: 'l4', actions: 'step' } },
        },
        l4: {
          description: 'relinquish_memory: page tables of level 4 that are still valid.',
          meta: { facts: ['F2.11'], says: 'l4' },
          on: { 'domain.kill': { guard: 'becomesL3', target: 'l3', actions: 'step' } },
        },
        l3: {
          description: 'The same at level 3.',
          meta: { facts: ['F2.11'], says: 'l3' },
          on: { 'domain.kill': { guard: 'becomesL2', target: 'l2', actions: 'step' } },
        },
        l2: {
          description: 'The same at level 2.',
          meta: { facts: ['F2.11'], says: 'l2' },
          on: { 'domain.kill': { guard: 'becomesRest', target: 'rest', actions: 'step' } },
        },
        rest: {
          description: 'All pages of whatever type, and what HVM leaves.',
          meta: { facts: ['F2.10', 'F2.11', 'F4.3'], says: 'rest' },
          on: {
            'domain.kill': { guard: 'becomesFinishing', target: 'finishing', actions: 'step' },
          },
        },
        finishing: {
          description:
            'Nothing is left to take away: cpupool0, which may fail for ever; vcpu_info; dead.',
          meta: { facts: ['F2.7', 'F4.4'], says: 'finishing' },
          on: {
            'domain.kill': [
              {
                guard: 'becomesZombie',
                target: '#domain.dead.zombie',
                actions: 'step',
                description: 'The last step, with references left.',
              },
              {
                guard: 'becomesDestroyed',
                target: '#domain.dead.destroyed',
                actions: 'step',
                description: "The last step: the creation's reference was the last one.",
              },
            ],
          },
        },
      },
    },
    dead: {
      description: 'DOMDYING_dead: domain_kill has returned 0.',
      meta: { facts: ['F2.7'] },
      initial: 'zombie',
      on: {
        'kexec.exec': {
          target: 'gone',
          actions: 'step',
          description: 'A boot that is no update.',
        },
      },
      states: {
        zombie: {
          description: 'Somebody still refers to it: it owns pages and cannot go.',
          meta: { facts: ['F2.14', 'F2.16', 'F4.4'], says: 'zombie' },
          on: {
            '*': {
              guard: 'becomesDestroyed',
              target: 'destroyed',
              actions: 'step',
              description: 'The last reference goes, by whatever event drops it.',
            },
            'lu.jump': [
              { guard: 'becomesInStream', target: '#domain.crossing.inStream', actions: 'step' },
              {
                target: '#domain.absent',
                actions: 'step',
                description: 'Only where R8 is dropped: nobody owns its pages any more.',
              },
            ],
          },
        },
        destroyed: {
          description: 'Out of the list, and RCU will free it: for_each_domain is blind to it.',
          meta: { facts: ['F2.15'], says: 'destroyed' },
          on: {
            'rcu.run': {
              target: '#domain.gone',
              actions: 'step',
              description: 'complete_domain_destroy; every callback that waits is run.',
            },
            'lu.jump': {
              target: '#domain.absent',
              actions: 'step',
              description: 'Only where F3.17.rcu is dropped.',
            },
          },
        },
      },
    },
    gone: {
      description: 'Its domid is free, and the tool stack has been told.',
      meta: { facts: ['F2.15'], says: 'absent' },
      on: {
        'domctl.createdomain': {
          guard: 'becomesAlive',
          target: 'alive',
          actions: 'step',
          description: 'Another domain gets the domid.',
        },
      },
    },
    crossing: {
      description: 'Between xen#1 and xen#2.',
      meta: { facts: ['R37', 'R38', 'R39'] },
      initial: 'inStream',
      states: {
        inStream: {
          description: 'Its memory is where it was; all else of it are records.',
          meta: { facts: ['R16', 'R18', 'R22'], says: 'inStream' },
          on: {
            'restore.0a': { guard: 'becomesMadeBy0a', target: 'madeBy0a', actions: 'step' },
          },
        },
        madeBy0a: {
          description: 'domain_create: alive, whatever it was, and without pages.',
          meta: { facts: ['R37', 'F2.12'], says: 'madeBy0a' },
          on: {
            'restore.0b': { guard: 'becomesMadeBy0b', target: 'madeBy0b', actions: 'step' },
          },
        },
        madeBy0b: {
          description: 'With its P2M.',
          meta: { facts: ['R37', 'R43'], says: 'madeBy0b' },
          on: {
            'restore.0c': { guard: 'becomesMadeBy0c', target: 'madeBy0c', actions: 'step' },
          },
        },
        madeBy0c: {
          description: 'With vCPUs that have no state yet.',
          meta: { facts: ['R37', 'F2.4'], says: 'madeBy0c' },
          on: {
            'restore.1': { guard: 'becomesMadeBy1', target: 'madeBy1', actions: 'step' },
          },
        },
        madeBy1: {
          description: 'It owns its pages again.',
          meta: { facts: ['R38'], says: 'madeBy1' },
          on: {
            'restore.2': [
              {
                guard: 'becomesAlive',
                target: '#domain.alive',
                actions: 'step',
                description: 'Everything else; it is what it was, and parked.',
              },
              {
                guard: 'becomesZombie',
                target: '#domain.dead.zombie',
                actions: 'step',
                description: 'Only now may it be dead again (F2.12).',
              },
              {
                guard: 'becomesDying',
                target: '#domain.dying',
                actions: 'step',
                description: 'It was carried as it was; the teardown begins anew (F4.4, Q3).',
              },
            ],
          },
        },
      },
    },
  },
});

export default chart<Place>({
  name: 'domain',
  machine: domain,
  says,
  questions: {},
  places: (host) => numericKeys(host.xen.domains).map((domid) => ({ domid })),
  placesToCome: (host) => freeDomids(host).map((domid) => ({ domid })),
  label: ({ domid }) => `d${domid}`,
});
