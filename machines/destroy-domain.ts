/**
 * XEN_DOMCTL_destroydomain (F4): who asked for it and comes back to it, how
 * far the teardown is, and, when domain_kill is through, what keeps the
 * domain from going. Nothing inside domain_kill blocks (F4.4); between any
 * two of these states it may be preempted, and an update may come.
 *
 * In the order of the literal: `untouched`; `teardown`, with `caller` (who comes
 * back) and `work` (the phase that comes next); `held`, a zombie by what holds
 * it; `over`. What the host says in each is in `says/destroy-domain.ts`.
 */
import { setup } from 'xstate';
import { numericKeys } from '../src/host/codec.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { freeDomids, type DomainPlace as Place } from '../src/world/look.ts';
import type { WorldEvent } from '../src/world/world.ts';
import { destroyDomainSays as says } from './says/destroy-domain.ts';

const destroyDomain = setup({
  types: {
    context: {} as ChartContext<Place>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Place>,
  },
  guards: guardsOf<Place, typeof says>(says),
  actions: { step: stepOf<Place>() },
}).createMachine({
  id: 'destroy-domain',
  description: 'XEN_DOMCTL_destroydomain of one domain, and what is left after it.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Is it being destroyed?',
      meta: { facts: ['F4.1'] },
      always: [
        { guard: 'isDying', target: 'teardown' },
        { guard: 'isZombie', target: 'held' },
        { target: 'untouched' },
      ],
    },
    untouched: {
      description: 'Nobody has asked for it.',
      meta: { facts: ['F4.1'], says: 'untouched' },
      on: {
        'domctl.destroydomain': {
          guard: 'becomesDying',
          target: 'teardown',
          actions: 'step',
          description: 'The caller is preempted before the first phase.',
        },
        'restore.2': [
          {
            guard: 'becomesZombie',
            target: 'held',
            actions: 'step',
            description: 'A zombie that came over; only pages and their holders are left of it.',
          },
          {
            guard: 'becomesDying',
            target: 'teardown',
            actions: 'step',
            description: 'It was carried as it was (F4.4, Q3).',
          },
        ],
      },
    },
    teardown: {
      description: 'domain_kill returns -ERESTART until it is through.',
      meta: { facts: ['F2.7', 'F4.1', 'F4.4'], says: 'dying' },
      type: 'parallel',
      on: {
        'lu.jump': {
          target: 'untouched',
          actions: 'step',
          description: 'Carried or dropped (F4.4, Q3); xen#2 knows nothing of it yet.',
        },
        'kexec.exec': {
          target: 'over',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'hypercall.finish': [
          {
            guard: 'becomesZombie',
            target: 'held',
            actions: 'step',
            description: 'Xen does all phases at once: what an update waits for (Q3).',
          },
          { guard: 'becomesOut', target: 'over', actions: 'step' },
        ],
      },
      states: {
        caller: {
          description: 'Who comes back to it.',
          meta: { facts: ['F4.1'] },
          initial: 'looking',
          states: {
            looking: {
              description: 'Does a vCPU stand at the hypercall?',
              meta: { facts: ['F4.1'] },
              always: [{ guard: 'isReentered', target: 'reentering' }, { target: 'unattended' }],
            },
            reentering: {
              description: 'A vCPU stands at the hypercall and enters it again.',
              meta: { facts: ['F4.1', 'F3.1'], says: 'reentered' },
            },
            unattended: {
              description: 'Nobody goes on with it until somebody asks again.',
              meta: { facts: ['F4.1'], says: 'unattended' },
              on: {
                'domctl.destroydomain': {
                  guard: 'becomesReentered',
                  target: 'reentering',
                  actions: 'step',
                },
              },
            },
          },
        },
        work: {
          description: 'The phase that comes next; each can be done again on what it left.',
          meta: { facts: ['F2.8', 'F4.3'] },
          initial: 'looking',
          on: {
            'hypercall.finish': {
              guard: 'becomesFinishing',
              target: '.finishing',
              actions: 'step',
              description: 'All of it but the move to cpupool0, which fails (F4.4).',
            },
          },
          states: {
            looking: {
              description: 'How far is it?',
              meta: { facts: ['F2.8'] },
              always: [
                { guard: 'isGnttab_mappings', target: 'domain_teardown.gnttab_mappings' },
                { guard: 'isVcpu_teardown', target: 'domain_teardown.vcpu_teardown' },
                { guard: 'isArch_teardown', target: 'domain_teardown.arch_teardown' },
                { guard: 'isEvtchn', target: 'evtchn' },
                { guard: 'isPci', target: 'relinquish_resources.pci' },
                { guard: 'isIommu_pagetables', target: 'relinquish_resources.iommu_pagetables' },
                { guard: 'isShared', target: 'relinquish_resources.shared' },
                { guard: 'isMappings', target: 'relinquish_resources.mappings' },
                { guard: 'isPaging', target: 'relinquish_resources.paging' },
                { guard: 'isVcpu_pagetables', target: 'relinquish_resources.vcpu_pagetables' },
                { guard: 'isXen', target: 'relinquish_resources.xen' },
                { guard: 'isL4', target: 'relinquish_resources.l4' },
                { guard: 'isL3', target: 'relinquish_resources.l3' },
                { guard: 'isL2', target: 'relinquish_resources.l2' },
                { guard: 'isRest', target: 'relinquish_resources.rest' },

                { target: 'finishing' },
              ],
            },
            domain_teardown: {
              description: 'What it made of others, and its vCPUs.',
              meta: { facts: ['F2.9'] },
              initial: 'gnttab_mappings',
              states: {
                gnttab_mappings: {
                  description: "Handles of the maptrack, downwards: the granters' pins drop.",
                  meta: { facts: ['F2.9', 'F4.3', 'F7.10'], says: 'gnttab_mappings' },
                  on: {
                    'domain.kill': {
                      guard: 'becomesVcpu_teardown',
                      target: 'vcpu_teardown',
                      actions: 'step',
                    },
                  },
                },
                vcpu_teardown: {
                  description: 'Its vCPUs leave their CPUs, their timers stop.',
                  meta: { facts: ['F2.9', 'F4.3'], says: 'vcpu_teardown' },
                  on: {
                    'domain.kill': [
                      { guard: 'becomesArch_teardown', target: 'arch_teardown', actions: 'step' },
                      {
                        guard: 'becomesEvtchn',
                        target: '#destroy-domain.teardown.work.evtchn',
                        actions: 'step',
                        description: 'Versions without a phase for the architecture.',
                      },
                    ],
                  },
                },
                arch_teardown: {
                  description: 'What the architecture holds for them.',
                  meta: { facts: ['F2.9'], says: 'arch_teardown' },
                  on: {
                    'domain.kill': [
                      {
                        guard: 'becomesEvtchn',
                        target: '#destroy-domain.teardown.work.evtchn',
                        actions: 'step',
                      },
                      {
                        guard: 'becomesVcpu_teardown',
                        target: 'vcpu_teardown',
                        actions: 'step',
                        description: 'A phase that this version does not have: it starts over.',
                      },
                    ],
                  },
                },
              },
            },
            evtchn: {
              description:
                'Ports from the highest down: peers become unbound. Preempted every so many.',
              meta: { facts: ['F2.8', 'F4.3', 'F6.12'], says: 'evtchn' },
              on: {
                'domain.kill': {
                  guard: 'becomesPci',
                  target: 'relinquish_resources.pci',
                  actions: 'step',
                },
              },
            },
            relinquish_resources: {
              description: 'domain_relinquish_resources, in the order of the version.',
              meta: { facts: ['F2.10'] },
              initial: 'pci',
              states: {
                pci: {
                  description: 'Devices: no unit walks its tables any more.',
                  meta: { facts: ['F2.10', 'F4.3'], says: 'pci' },
                  on: {
                    'domain.kill': {
                      guard: 'becomesIommu_pagetables',
                      target: 'iommu_pagetables',
                      actions: 'step',
                    },
                  },
                },
                iommu_pagetables: {
                  description: 'Tables that no device names; freeing them may wait in a tasklet.',
                  meta: { facts: ['F2.10', 'F3.16', 'F8.19'], says: 'iommu_pagetables' },
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
                  description:
                    'Shared pages and the fork parent; a domain that has any is refused by an update.',
                  meta: { facts: ['F2.10', 'F13.7'], says: 'shared' },
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
                  description: 'Foreign P2M entries: what keeps other zombies goes here.',
                  meta: { facts: ['F2.10', 'F8.20'], says: 'mappings' },
                  on: {
                    'domain.kill': [
                      { guard: 'becomesPaging', target: 'paging', actions: 'step' },
                      {
                        guard: 'becomesVcpu_teardown',
                        target: '#destroy-domain.teardown.work.domain_teardown.vcpu_teardown',
                        actions: 'step',
                        description: 'A phase that this version does not have: it starts over.',
                      },
                    ],
                  },
                },
                paging: {
                  description: 'The pool and the P2M; p2m->teardown_gfn remembers how far.',
                  meta: { facts: ['F2.8', 'F2.10', 'F4.5'], says: 'paging' },
                  on: {
                    'domain.kill': {
                      guard: 'becomesVcpu_pagetables',
                      target: 'vcpu_pagetables',
                      actions: 'step',
                    },
                  },
                },
                vcpu_pagetables: {
                  description: 'cr3s, old_guest_table, descriptor tables.',
                  meta: { facts: ['F2.8', 'F2.10', 'F8.5', 'F8.9'], says: 'vcpu_pagetables' },
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
                  description: 'shared_info and grant frames; mappers of them keep the frames.',
                  meta: { facts: ['F2.10', 'F2.11'], says: 'xen' },
                  on: {
                    'domain.kill': { guard: 'becomesL4', target: 'l4', actions: 'step' },
                  },
                },
                l4: {
                  description:
                    'Each page unpinned, its allocation reference dropped, then devalidated by force.',
                  meta: { facts: ['F2.11'], says: 'l4' },
                  on: {
                    'domain.kill': { guard: 'becomesL3', target: 'l3', actions: 'step' },
                  },
                },
                l3: {
                  description:
                    'The same at level 3; a page that others refer to stays, and its owner with it.',
                  meta: { facts: ['F2.11', 'F2.16'], says: 'l3' },
                  on: {
                    'domain.kill': { guard: 'becomesL2', target: 'l2', actions: 'step' },
                  },
                },
                l2: {
                  description: 'The same at level 2, where linear tables make circles.',
                  meta: { facts: ['F2.11', 'F8.6'], says: 'l2' },
                  on: {
                    'domain.kill': { guard: 'becomesRest', target: 'rest', actions: 'step' },
                  },
                },
                rest: {
                  description: 'Everything else, and what HVM leaves: pages of servers.',
                  meta: { facts: ['F2.11', 'F4.3'], says: 'rest' },
                  on: {
                    'domain.kill': {
                      guard: 'becomesFinishing',
                      target: '#destroy-domain.teardown.work.finishing',
                      actions: 'step',
                    },
                  },
                },
              },
            },
            finishing: {
              description:
                'The move to cpupool0, which alone may fail for ever; vcpu_info; then dead.',
              meta: { facts: ['F2.7', 'F4.4'], says: 'finishing' },
              on: {
                'domain.kill': [
                  { guard: 'becomesZombie', target: '#destroy-domain.held', actions: 'step' },
                  { guard: 'becomesOut', target: '#destroy-domain.over', actions: 'step' },
                ],
              },
            },
          },
        },
      },
    },
    held: {
      description: 'A zombie: destroydomain has returned 0, and somebody refers to it still.',
      meta: { facts: ['F2.16', 'F4.4', 'F4.6'], says: 'zombie' },
      initial: 'looking',
      on: {
        '*': {
          guard: 'becomesOut',
          target: 'over',
          actions: 'step',
          description: 'The last reference goes, by whatever event.',
        },
        'kexec.exec': {
          target: 'over',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'lu.jump': {
          target: 'untouched',
          actions: 'step',
          description: 'Its records carry it over, or without R8 it is lost.',
        },
      },
      states: {
        looking: {
          description: 'Who holds it?',
          meta: { facts: ['F2.14'] },
          always: [
            { guard: 'isGranted', target: 'byGrants' },
            { guard: 'isMapped', target: 'byMappings' },
            { target: 'byOthers' },
          ],
        },
        byGrants: {
          description: 'Others map pages that it granted.',
          meta: { facts: ['F2.16', 'F7.5'], says: 'granted' },
          on: {
            '*': [
              {
                guard: 'becomesMapped',
                target: 'byMappings',
                actions: 'step',
                description: 'The last grant is unmapped, by whatever event.',
              },
              {
                guard: 'becomesHeldOtherwise',
                target: 'byOthers',
                actions: 'step',
                description: 'And its last page was free with it.',
              },
            ],
          },
        },
        byMappings: {
          description: 'P2M entries or page tables of others name its pages.',
          meta: { facts: ['F2.16', 'F8.20'], says: 'mapped' },
          on: {
            '*': {
              guard: 'becomesHeldOtherwise',
              target: 'byOthers',
              actions: 'step',
              description: 'Its last page is free, by whatever event.',
            },
            'restore.2': {
              guard: 'becomesGranted',
              target: 'byGrants',
              actions: 'step',
              description: "A mapper's handles come back, and pins with them (R40).",
            },
          },
        },
        byOthers: {
          description: 'It owns no page; a device model targets it, or a tasklet works for it.',
          meta: { facts: ['F2.14'], says: 'heldOtherwise' },
        },
      },
    },
    over: {
      description: 'No reference is left; RCU does the rest.',
      meta: { facts: ['F2.15'], says: 'out' },
      on: {
        'domctl.createdomain': {
          guard: 'becomesMade',
          target: 'untouched',
          actions: 'step',
          description: 'Another domain gets the domid.',
        },
      },
    },
  },
});

export default chart<Place>({
  name: 'destroy-domain',
  machine: destroyDomain,
  says,
  questions: {},
  places: (host) => numericKeys(host.xen.domains).map((domid) => ({ domid })),
  placesToCome: (host) => freeDomids(host).map((domid) => ({ domid })),
  label: ({ domid }) => `d${domid}`,
});
