/**
 * A hypercall of a vCPU, as far as Xen interrupts it (F3.1 to F3.5): where
 * its progress lies while the vCPU stands on the instruction again, and who
 * carries it on. The guest enters again whichever Xen is there.
 */
import { setup } from 'xstate';
import { numericEntries } from '../src/host/codec.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { hypercallSays as says } from '../src/world/hypercall-says.ts';
import type { VcpuPlace as Place } from '../src/world/look.ts';
import type { WorldEvent } from '../src/world/world.ts';

const hypercall = setup({
  types: {
    context: {} as ChartContext<Place>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Place>,
  },
  guards: guardsOf<Place, typeof says>(says),
  actions: { step: stepOf<Place>() },
}).createMachine({
  id: 'hypercall',
  description: 'A hypercall of one vCPU that is preempted, and where its progress lies.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Does the vCPU stand at a hypercall?',
      meta: { facts: ['F3.1'] },
      always: [{ guard: 'isPreempted', target: 'preempted' }, { target: 'none' }],
    },
    none: {
      description: 'Nothing of a hypercall is left over.',
      meta: { facts: ['F3.1'], says: 'none' },
      on: {
        'domctl.destroydomain': {
          guard: 'becomesDestroydomain',
          target: 'preempted.perDomain.destroydomain',
          actions: 'step',
        },
        'evtchn.reset': {
          guard: 'becomesEvtchnReset',
          target: 'preempted.perDomain.evtchnReset',
          actions: 'step',
        },
        'domctl.soft_reset': {
          guard: 'becomesSoftReset',
          target: 'preempted.perDomain.softReset',
          actions: 'step',
        },
        'domctl.shadow_op': {
          guard: 'becomesPaging',
          target: 'preempted.perDomain.paging',
          actions: 'step',
        },
        'mmuext.pin': {
          guard: 'becomesPartialTable',
          target: 'preempted.perPage.partialTable',
          actions: 'step',
        },
        'mmuext.unpin': {
          guard: 'becomesOldTable',
          target: 'preempted.perPage.oldTable',
          actions: 'step',
        },
        'memory.extents': [
          { guard: 'becomesRegisters', target: 'preempted.registers', actions: 'step' },
          { guard: 'becomesGuestMemory', target: 'preempted.guestMemory', actions: 'step' },
        ],
        multicall: { guard: 'becomesMulticall', target: 'preempted.multicall', actions: 'step' },
        'domctl.contended': {
          guard: 'becomesContended',
          target: 'preempted.contended',
          actions: 'step',
          description: 'Another CPU is in a domctl: -ERESTART before anything is done.',
        },
      },
    },
    preempted: {
      description: 'hypercall_create_continuation: rax and arguments are written back.',
      meta: { facts: ['F3.1', 'F3.2', 'F3.4'], says: 'preempted' },
      initial: 'looking',
      on: {
        '*': {
          guard: 'becomesGone',
          target: 'none',
          actions: 'step',
          description: 'Its domain leaves the list, and the call with it.',
        },
        'hypercall.finish': {
          guard: 'becomesNone',
          target: 'none',
          actions: 'step',
          description: 'Xen carries it to its end without the guest.',
        },
        'kexec.exec': {
          target: 'none',
          actions: 'step',
          description: 'A boot that is no update.',
        },
        'lu.jump': {
          target: 'crossing',
          actions: 'step',
          description: 'Registers and memory are all that goes over.',
        },
      },
      states: {
        looking: {
          description: 'Which call, and which class?',
          meta: { facts: ['F3.4'] },
          always: [
            { guard: 'isDestroydomain', target: 'perDomain.destroydomain' },
            { guard: 'isEvtchnReset', target: 'perDomain.evtchnReset' },
            { guard: 'isSoftReset', target: 'perDomain.softReset' },
            { guard: 'isPaging', target: 'perDomain.paging' },
            { guard: 'isPartialTable', target: 'perPage.partialTable' },
            { guard: 'isOldTable', target: 'perPage.oldTable' },
            { guard: 'isGuestMemory', target: 'guestMemory' },
            { guard: 'isMulticall', target: 'multicall' },
            { guard: 'isContended', target: 'contended' },
            { target: 'registers' },
          ],
        },
        registers: {
          description: 'Class C1: progress is in the arguments, such as a start extent.',
          meta: { facts: ['F3.4', 'F3.7'], says: 'registers' },
          on: {
            'hypercall.reenter': {
              guard: 'becomesNone',
              target: '#hypercall.none',
              actions: 'step',
            },
          },
        },
        guestMemory: {
          description: "Class C2: progress is in the guest's buffer, such as nr_exchanged.",
          meta: { facts: ['F3.4'], says: 'guestMemory' },
          on: {
            'hypercall.reenter': {
              guard: 'becomesNone',
              target: '#hypercall.none',
              actions: 'step',
            },
          },
        },
        multicall: {
          description:
            'The rest of a list: which entry in registers (C1), how far in the list (C2).',
          meta: { facts: ['F3.3', 'F3.4', 'S22'], says: 'multicall' },
          on: {
            'hypercall.reenter': {
              guard: 'becomesNone',
              target: '#hypercall.none',
              actions: 'step',
            },
          },
        },
        contended: {
          description: 'Class C5: nothing is done, and the identical call is issued again.',
          meta: { facts: ['F3.4', 'F3.10', 'F4.1'], says: 'contended' },
          on: {
            'domctl.pausedomain': {
              guard: 'becomesNone',
              target: '#hypercall.none',
              actions: 'step',
              description: 'Issued again; this time the lock is free.',
            },
            'domctl.unpausedomain': {
              guard: 'becomesNone',
              target: '#hypercall.none',
              actions: 'step',
            },
            'domctl.resumedomain': {
              guard: 'becomesNone',
              target: '#hypercall.none',
              actions: 'step',
            },
            'domctl.destroydomain': [
              {
                guard: 'becomesDestroydomain',
                target: 'perDomain.destroydomain',
                actions: 'step',
                description: 'It begins now, asked for by this vCPU or by another.',
              },
              {
                guard: 'becomesNone',
                target: '#hypercall.none',
                actions: 'step',
                description: 'The target is dead already, or gone.',
              },
            ],
            'hypercall.reenter': {
              guard: 'becomesNone',
              target: '#hypercall.none',
              actions: 'step',
              description: 'One that only reads.',
            },
          },
        },
        perDomain: {
          description: 'Class C3: progress is in struct domain of the target.',
          meta: { facts: ['F3.4'] },
          initial: 'destroydomain',
          states: {
            destroydomain: {
              description: 'The registers re-issue the identical call (C5 on their side).',
              meta: { facts: ['F2.8', 'F4.1'], says: 'destroydomain' },
              on: {
                'domain.kill': {
                  guard: 'becomesNone',
                  target: '#hypercall.none',
                  actions: 'step',
                  description: 'The target is dead: 0.',
                },
              },
            },
            evtchnReset: {
              description: 'Sub-op reset_cont; the cursor is next_evtchn.',
              meta: { facts: ['F5.2', 'F3.6'], says: 'evtchnReset' },
              on: {
                'evtchn.reset-continue': {
                  guard: 'becomesNone',
                  target: '#hypercall.none',
                  actions: 'step',
                },
              },
            },
            softReset: {
              description: 'soft_reset_cont, with the cursor of a reset.',
              meta: { facts: ['F5.7', 'F3.6'], says: 'softReset' },
              on: {
                'domctl.soft_reset-continue': {
                  guard: 'becomesNone',
                  target: '#hypercall.none',
                  actions: 'step',
                },
              },
            },
            paging: {
              description: 'paging_domctl_cont; d->arch.paging.preempt names the caller.',
              meta: { facts: ['F3.11', 'F3.6'], says: 'paging' },
              on: {
                'paging.continue': {
                  guard: 'becomesNone',
                  target: '#hypercall.none',
                  actions: 'step',
                },
              },
            },
          },
        },
        perPage: {
          description: 'Class C4: progress is in the vCPU or in a page of Xen.',
          meta: { facts: ['F3.4', 'F8.7', 'F8.9'] },
          initial: 'partialTable',
          states: {
            partialTable: {
              description: 'PGT_partial and nr_validated_ptes; the count in rsi has bit 31 (C1).',
              meta: { facts: ['F3.4', 'F8.7'], says: 'partialTable' },
              on: {
                'mmuext.pin-continue': {
                  guard: 'becomesNone',
                  target: '#hypercall.none',
                  actions: 'step',
                },
              },
            },
            oldTable: {
              description: 'old_guest_table; the result travels in r10 (C1).',
              meta: { facts: ['F3.5', 'F8.9'], says: 'oldTable' },
              on: {
                'mm.put-old-table': {
                  guard: 'becomesNone',
                  target: '#hypercall.none',
                  actions: 'step',
                },
              },
            },
          },
        },
      },
    },
    crossing: {
      description: 'Between xen#1 and xen#2: a VCPU record with its registers.',
      meta: { facts: ['F3.1', 'R19'], says: 'none' },
      on: {
        'restore.2': [
          {
            guard: 'becomesPreempted',
            target: 'reentering',
            actions: 'step',
            description: 'The registers are back, as they were or rewritten (Q4).',
          },
          {
            guard: 'becomesPlain',
            target: 'none',
            actions: 'step',
            description: 'Its vCPU is made, and stands at no call any more.',
          },
        ],
      },
    },
    reentering: {
      description: "The call is xen#1's, and xen#2 will be entered with it.",
      meta: { facts: ['F3.1', 'F3.6', 'F3.9', 'I3.2'], says: 'preempted' },
      on: {
        '*': {
          guard: 'becomesNone',
          target: 'none',
          actions: 'step',
          description: 'It comes to its end, by whatever carries it on.',
        },
        'lu.jump': {
          target: 'crossing',
          actions: 'step',
          description: 'The next update comes before that.',
        },
        'kexec.exec': {
          target: 'none',
          actions: 'step',
          description: 'A boot that is no update.',
        },
      },
    },
  },
});

export default chart<Place>({
  name: 'hypercall',
  machine: hypercall,
  says,
  questions: {},
  places: (host) =>
    numericEntries(host.xen.domains).flatMap(([domid, d]) =>
      d.vcpus.map((v) => ({ domid, vcpu: v.id as number })),
    ),
  label: ({ domid, vcpu }) => `d${domid}v${vcpu}`,
});
