/**
 * One port of one domain (F6): what it is bound to, what the guest would see
 * of it, and whether a FIFO queue links it. Pending and mask bits are memory
 * of the guest, which goes on to have them when the domain that they belong
 * to is being made anew by xen#2.
 */
import { setup } from 'xstate';
import { numericKeys } from '../src/host/codec.ts';
import type { EventChannel } from '../src/host/event-channel.ts';
import type { Host } from '../src/host/host.ts';
import { isLinked, wordOf } from '../src/hypercalls/event-channel/fifo.ts';
import { isMasked, isPending } from '../src/hypercalls/event-channel/pending.ts';
import { readerOf } from '../src/hypercalls/transaction.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { domainAt, isBeingMade, isGoing } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Channel = { readonly domid: number; readonly port: number };

const channelOf = (world: World, { domid, port }: Channel): EventChannel | undefined =>
  domainAt(world, { domid })?.events.channels[port];
/** Bound so, by the guest or for Xen's own use. */
const isBound = (
  world: World,
  of: Channel,
  state: EventChannel['binding']['state'],
  toXen: boolean,
): boolean => {
  const channel = channelOf(world, of);
  return channel?.binding.state === state && (channel.xenConsumer !== null) === toXen;
};
/** A bit of the port, if the Xen that runs knows by now where it is. */
const bit = (world: World, { domid, port }: Channel, read: typeof isPending): boolean => {
  const d = domainAt(world, { domid });
  return d !== undefined && !isBeingMade(world, domid) && read(readerOf(hostOf(world)), d, port);
};
/** Where the FIFO ABI has the port; null: the domain has the 2-level ABI, or there is none. */
const queueing = (
  world: World,
  { domid, port }: Channel,
): 'beyond' | 'linked' | 'unlinked' | null => {
  const d = domainAt(world, { domid });
  if (d === undefined || d.events.abi !== 'fifo') return null;
  const reader = readerOf(hostOf(world));
  if (wordOf(reader, d, port) === null) return 'beyond';
  return isLinked(reader, d, port) ? 'linked' : 'unlinked';
};

const says = {
  absent: (world: World, { domid }: Channel) => domainAt(world, { domid }) === undefined,
  free: (world: World, of: Channel) =>
    domainAt(world, of) !== undefined && channelOf(world, of) === undefined,
  unbound: (world: World, of: Channel) => isBound(world, of, 'unbound', false),
  interdomain: (world: World, of: Channel) => isBound(world, of, 'interdomain', false),
  pirq: (world: World, of: Channel) => isBound(world, of, 'pirq', false),
  virq: (world: World, of: Channel) => isBound(world, of, 'virq', false),
  ipi: (world: World, of: Channel) => isBound(world, of, 'ipi', false),
  xenUnbound: (world: World, of: Channel) => isBound(world, of, 'unbound', true),
  xenInterdomain: (world: World, of: Channel) => isBound(world, of, 'interdomain', true),
  silent: (world: World, of: Channel) => !bit(world, of, isPending),
  pending: (world: World, of: Channel) => bit(world, of, isPending),
  unmasked: (world: World, of: Channel) => !bit(world, of, isMasked),
  masked: (world: World, of: Channel) => bit(world, of, isMasked),
  twoLevel: (world: World, of: Channel) => queueing(world, of) === null,
  beyondArray: (world: World, of: Channel) => queueing(world, of) === 'beyond',
  unlinked: (world: World, of: Channel) => queueing(world, of) === 'unlinked',
  linked: (world: World, of: Channel) => queueing(world, of) === 'linked',
};
const questions = { goes: isGoing };

const eventChannel = setup({
  types: {
    context: {} as ChartContext<Channel>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Channel>,
  },
  guards: guardsOf<Channel, typeof says, typeof questions>(says, questions),
  actions: { step: stepOf<Channel>() },
}).createMachine({
  id: 'event-channel',
  description:
    'One event-channel port: its binding, its pending and mask bits, its place in a queue.',
  context: ({ input }) => input,
  type: 'parallel',
  states: {
    binding: {
      description: 'What the port is bound to.',
      meta: { facts: ['F6.1', 'F6.2'] },
      on: {
        'lu.jump': {
          guard: 'becomesAbsent',
          target: '.absent',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
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
          description: 'What is it bound to?',
          meta: { facts: ['F6.1', 'F6.2'] },
          always: [
            { guard: 'isAbsent', target: 'absent' },
            { guard: 'isFree', target: 'free' },
            { guard: 'isUnbound', target: 'guest.unbound' },
            { guard: 'isInterdomain', target: 'guest.interdomain' },
            { guard: 'isPirq', target: 'guest.pirq' },
            { guard: 'isVirq', target: 'guest.virq' },
            { guard: 'isIpi', target: 'guest.ipi' },
            { guard: 'isXenUnbound', target: 'xens.xenUnbound' },
            { target: 'xens.xenInterdomain' },
          ],
        },
        absent: {
          description: 'There is no such domain, or xen#2 has not made it yet.',
          meta: { facts: ['F6.1', 'R37'], says: 'absent' },
          on: {
            'domctl.createdomain': { guard: 'becomesFree', target: 'free', actions: 'step' },
            'restore.0a': {
              guard: 'becomesFree',
              target: 'free',
              actions: 'step',
              description: 'A domain without ports.',
            },
          },
        },
        free: {
          description: 'ECS_FREE: closed.',
          meta: { facts: ['F6.1'], says: 'free' },
          on: {
            'evtchn.alloc_unbound': {
              guard: 'becomesUnbound',
              target: '#event-channel.binding.guest.unbound',
              actions: 'step',
            },
            'evtchn.bind_interdomain': {
              guard: 'becomesInterdomain',
              target: '#event-channel.binding.guest.interdomain',
              actions: 'step',
              description: 'Both ends become INTERDOMAIN at once.',
            },
            'evtchn.bind_ipi': {
              guard: 'becomesIpi',
              target: '#event-channel.binding.guest.ipi',
              actions: 'step',
            },
            'evtchn.bind_pirq': {
              guard: 'becomesPirq',
              target: '#event-channel.binding.guest.pirq',
              actions: 'step',
            },
            'evtchn.bind_virq': {
              guard: 'becomesVirq',
              target: '#event-channel.binding.guest.virq',
              actions: 'step',
            },
            'ioreq.create': {
              guard: 'becomesXenUnbound',
              target: '#event-channel.binding.xens.xenUnbound',
              actions: 'step',
              description: 'A Xen-attached port for each vCPU.',
            },
            'restore.2': [
              {
                guard: 'becomesUnbound',
                target: '#event-channel.binding.guest.unbound',
                actions: 'step',
                description: 'Ports are made by number, not bound anew (F6.10).',
              },
              {
                guard: 'becomesInterdomain',
                target: '#event-channel.binding.guest.interdomain',
                actions: 'step',
              },
              {
                guard: 'becomesPirq',
                target: '#event-channel.binding.guest.pirq',
                actions: 'step',
              },
              {
                guard: 'becomesVirq',
                target: '#event-channel.binding.guest.virq',
                actions: 'step',
              },
              { guard: 'becomesIpi', target: '#event-channel.binding.guest.ipi', actions: 'step' },
              {
                guard: 'becomesXenUnbound',
                target: '#event-channel.binding.xens.xenUnbound',
                actions: 'step',
              },
              {
                guard: 'becomesXenInterdomain',
                target: '#event-channel.binding.xens.xenInterdomain',
                actions: 'step',
              },
            ],
          },
        },
        guest: {
          description: "A port of the guest's own.",
          meta: { facts: ['F6.1'] },
          on: {
            'domain.kill': {
              guard: 'becomesFree',
              target: 'free',
              actions: 'step',
              description: 'evtchn_destroy, from the highest port down.',
            },
            'domctl.soft_reset': { guard: 'becomesFree', target: 'free', actions: 'step' },
            'domctl.soft_reset-continue': { guard: 'becomesFree', target: 'free', actions: 'step' },
            'evtchn.close': {
              guard: 'becomesFree',
              target: 'free',
              actions: 'step',
              description: 'The closer is free; its peer waits again (F6.12).',
            },
            'evtchn.reset': {
              guard: 'becomesFree',
              target: 'free',
              actions: 'step',
              description: 'All ports but those of Xen (F5.5).',
            },
            'evtchn.reset-continue': {
              guard: 'becomesFree',
              target: 'free',
              actions: 'step',
              description: 'The reset goes on from its cursor.',
            },
            'hypercall.finish': { guard: 'becomesFree', target: 'free', actions: 'step' },
          },
          initial: 'unbound',
          states: {
            unbound: {
              description: 'ECS_UNBOUND: waits for one domain to bind.',
              meta: { facts: ['F6.1', 'F6.10'], says: 'unbound' },
              on: {
                'evtchn.bind_interdomain': {
                  guard: 'becomesInterdomain',
                  target: 'interdomain',
                  actions: 'step',
                },
              },
            },
            interdomain: {
              description: 'ECS_INTERDOMAIN: its peer names it in turn.',
              meta: { facts: ['F6.10', 'I6.1'], says: 'interdomain' },
              on: {
                'domain.kill': { guard: 'becomesUnbound', target: 'unbound', actions: 'step' },
                'domctl.soft_reset': {
                  guard: 'becomesUnbound',
                  target: 'unbound',
                  actions: 'step',
                },
                'domctl.soft_reset-continue': {
                  guard: 'becomesUnbound',
                  target: 'unbound',
                  actions: 'step',
                },
                'evtchn.close': { guard: 'becomesUnbound', target: 'unbound', actions: 'step' },
                'evtchn.reset': { guard: 'becomesUnbound', target: 'unbound', actions: 'step' },
                'evtchn.reset-continue': {
                  guard: 'becomesUnbound',
                  target: 'unbound',
                  actions: 'step',
                },
                'hypercall.finish': { guard: 'becomesUnbound', target: 'unbound', actions: 'step' },
                'ioreq.destroy': {
                  guard: 'becomesUnbound',
                  target: 'unbound',
                  actions: 'step',
                  description: 'Xen closes its own ports.',
                },
              },
            },
            pirq: {
              description: 'ECS_PIRQ: an interrupt of a device.',
              meta: { facts: ['F6.1'], says: 'pirq' },
            },
            virq: {
              description: 'ECS_VIRQ: of a vCPU, or of the host.',
              meta: { facts: ['F6.14', 'I6.3'], says: 'virq' },
            },
            ipi: {
              description: 'ECS_IPI: between vCPUs of the domain.',
              meta: { facts: ['F6.1'], says: 'ipi' },
            },
          },
        },
        xens: {
          description: 'A Xen-attached port: the guest may not send on it, close it or bind it.',
          meta: { facts: ['F5.5', 'F6.13'] },
          on: {
            'domain.kill': { guard: 'becomesFree', target: 'free', actions: 'step' },
            'hypercall.finish': { guard: 'becomesFree', target: 'free', actions: 'step' },
            'ioreq.destroy': { guard: 'becomesFree', target: 'free', actions: 'step' },
          },
          initial: 'xenUnbound',
          states: {
            xenUnbound: {
              description: 'Made for an emulator or a listener that has not bound it yet.',
              meta: { facts: ['F6.15', 'F9.4'], says: 'xenUnbound' },
              on: {
                'evtchn.bind_interdomain': {
                  guard: 'becomesXenInterdomain',
                  target: 'xenInterdomain',
                  actions: 'step',
                },
              },
            },
            xenInterdomain: {
              description: 'Its events go to a function of Xen, by another index in each Xen.',
              meta: { facts: ['F6.2', 'F6.13'], says: 'xenInterdomain' },
              on: {
                'domain.kill': {
                  guard: 'becomesXenUnbound',
                  target: 'xenUnbound',
                  actions: 'step',
                },
                'evtchn.close': {
                  guard: 'becomesXenUnbound',
                  target: 'xenUnbound',
                  actions: 'step',
                },
                'evtchn.reset': {
                  guard: 'becomesXenUnbound',
                  target: 'xenUnbound',
                  actions: 'step',
                },
                'evtchn.reset-continue': {
                  guard: 'becomesXenUnbound',
                  target: 'xenUnbound',
                  actions: 'step',
                },
                'hypercall.finish': {
                  guard: 'becomesXenUnbound',
                  target: 'xenUnbound',
                  actions: 'step',
                },
              },
            },
          },
        },
      },
    },
    event: {
      description: 'Whether an event waits: a bit in memory of the guest.',
      meta: { facts: ['F6.5', 'F6.6'] },
      on: {
        'lu.jump': {
          guard: 'becomesSilent',
          target: '.silent',
          actions: 'step',
          description: 'The bits are still in memory, but nobody knows where.',
        },
        'kexec.exec': {
          target: '.silent',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is the pending bit set?',
          meta: { facts: ['F6.5', 'F6.6'] },
          always: [{ guard: 'isSilent', target: 'silent' }, { target: 'pending' }],
        },
        silent: {
          description: 'Nothing waits, or nobody knows where the bit is.',
          meta: { facts: ['F6.5'], says: 'silent' },
          on: {
            '*': {
              guard: 'becomesPending',
              target: 'pending',
              actions: 'step',
              description: 'Whatever is to be told of: a peer, a timer, the end of a domain.',
            },
            'restore.2': {
              guard: 'becomesPending',
              target: 'pending',
              actions: 'step',
              description: 'The bits are where they were (F6.5, F6.6).',
            },
          },
        },
        pending: {
          description: 'An event waits for the guest to take it.',
          meta: { facts: ['F6.5', 'I6.5'], says: 'pending' },
          on: {
            'domain.kill': { guard: 'becomesSilent', target: 'silent', actions: 'step' },
            'domctl.soft_reset': { guard: 'becomesSilent', target: 'silent', actions: 'step' },
            'domctl.soft_reset-continue': {
              guard: 'becomesSilent',
              target: 'silent',
              actions: 'step',
            },
            'evtchn.close': {
              guard: 'becomesSilent',
              target: 'silent',
              actions: 'step',
              description: 'A pending event is lost with the port (F6.11).',
            },
            'evtchn.reset': {
              guard: 'becomesSilent',
              target: 'silent',
              actions: 'step',
              description: 'Closed; or the ABI is switched back, and the old bits count again.',
            },
            'evtchn.reset-continue': { guard: 'becomesSilent', target: 'silent', actions: 'step' },
            'evtchn.init_control': {
              guard: 'becomesSilent',
              target: 'silent',
              actions: 'step',
              description: 'The bit of a port that is free is not looked at any more (F6.8).',
            },
            'guest.upcall': {
              guard: 'becomesSilent',
              target: 'silent',
              actions: 'step',
              description: 'The guest takes what is pending and not masked.',
            },
            'hypercall.finish': { guard: 'becomesSilent', target: 'silent', actions: 'step' },
          },
        },
      },
    },
    mask: {
      description: 'Whether the guest wants to hear of it: another bit of its memory.',
      meta: { facts: ['F6.5', 'F6.6'] },
      on: {
        'lu.jump': {
          guard: 'becomesUnmasked',
          target: '.unmasked',
          actions: 'step',
          description: 'The bits are still in memory, but nobody knows where.',
        },
        'kexec.exec': {
          target: '.unmasked',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is the mask bit set?',
          meta: { facts: ['F6.5', 'F6.6'] },
          always: [{ guard: 'isUnmasked', target: 'unmasked' }, { target: 'masked' }],
        },
        unmasked: {
          description: 'An event raises the upcall.',
          meta: { facts: ['F6.5'], says: 'unmasked' },
          on: {
            'evtchn.reset': {
              guard: 'becomesMasked',
              target: 'masked',
              actions: 'step',
              description: 'Back to 2-level, and to the bits in shared_info.',
            },
            'domain.kill': { guard: 'becomesMasked', target: 'masked', actions: 'step' },
            'domctl.soft_reset': { guard: 'becomesMasked', target: 'masked', actions: 'step' },
            'domctl.soft_reset-continue': {
              guard: 'becomesMasked',
              target: 'masked',
              actions: 'step',
            },
            'evtchn.reset-continue': { guard: 'becomesMasked', target: 'masked', actions: 'step' },
            'hypercall.finish': { guard: 'becomesMasked', target: 'masked', actions: 'step' },
            'guest.mask': {
              guard: 'becomesMasked',
              target: 'masked',
              actions: 'step',
              description: "A write to the guest's own memory.",
            },
            'restore.2': {
              guard: 'becomesMasked',
              target: 'masked',
              actions: 'step',
              description: 'The bits are where they were (F6.5, F6.6).',
            },
          },
        },
        masked: {
          description: 'An event waits until the guest unmasks it.',
          meta: { facts: ['F6.5', 'I6.5'], says: 'masked' },
          on: {
            'domain.kill': { guard: 'becomesUnmasked', target: 'unmasked', actions: 'step' },
            'domctl.soft_reset': { guard: 'becomesUnmasked', target: 'unmasked', actions: 'step' },
            'domctl.soft_reset-continue': {
              guard: 'becomesUnmasked',
              target: 'unmasked',
              actions: 'step',
            },
            'evtchn.init_control': {
              guard: 'becomesUnmasked',
              target: 'unmasked',
              actions: 'step',
              description: 'FIFO has mask bits of its own (F6.6).',
            },
            'evtchn.reset': { guard: 'becomesUnmasked', target: 'unmasked', actions: 'step' },
            'evtchn.reset-continue': {
              guard: 'becomesUnmasked',
              target: 'unmasked',
              actions: 'step',
            },
            'evtchn.unmask': {
              guard: 'becomesUnmasked',
              target: 'unmasked',
              actions: 'step',
              description: 'Xen clears it, and delivers what waited.',
            },
            'hypercall.finish': { guard: 'becomesUnmasked', target: 'unmasked', actions: 'step' },
          },
        },
      },
    },
    queue: {
      description: 'Where the FIFO ABI has it.',
      meta: { facts: ['F6.6', 'F6.7'] },
      on: {
        'lu.jump': {
          guard: 'becomesTwoLevel',
          target: '.twoLevel',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.twoLevel',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is it on a queue?',
          meta: { facts: ['F6.6', 'F6.7'] },
          always: [
            { guard: 'isTwoLevel', target: 'twoLevel' },
            { guard: 'isBeyondArray', target: 'fifo.beyondArray' },
            { guard: 'isUnlinked', target: 'fifo.unlinked' },
            { target: 'fifo.linked' },
          ],
        },
        twoLevel: {
          description: 'The domain has the 2-level ABI: there are no queues.',
          meta: { facts: ['F6.5'], says: 'twoLevel' },
          on: {
            'evtchn.init_control': {
              guard: 'becomesBeyondArray',
              target: '#event-channel.queue.fifo.beyondArray',
              actions: 'step',
              description: 'The first control block switches the ABI (F6.8).',
            },
            'restore.2': [
              {
                guard: 'becomesBeyondArray',
                target: '#event-channel.queue.fifo.beyondArray',
                actions: 'step',
                description: 'ABI, array, ports, then tails and last queues (rule 12).',
              },
              {
                guard: 'becomesUnlinked',
                target: '#event-channel.queue.fifo.unlinked',
                actions: 'step',
              },
              {
                guard: 'becomesLinked',
                target: '#event-channel.queue.fifo.linked',
                actions: 'step',
              },
            ],
          },
        },
        fifo: {
          description: 'The domain has the FIFO ABI.',
          meta: { facts: ['F6.6'] },
          on: {
            'domain.kill': { guard: 'becomesTwoLevel', target: 'twoLevel', actions: 'step' },
            'domctl.soft_reset': { guard: 'becomesTwoLevel', target: 'twoLevel', actions: 'step' },
            'domctl.soft_reset-continue': {
              guard: 'becomesTwoLevel',
              target: 'twoLevel',
              actions: 'step',
            },
            'evtchn.reset': {
              guard: 'becomesTwoLevel',
              target: 'twoLevel',
              actions: 'step',
              description: 'A complete reset goes back to 2-level.',
            },
            'evtchn.reset-continue': {
              guard: 'becomesTwoLevel',
              target: 'twoLevel',
              actions: 'step',
              description: 'A complete reset goes back to 2-level.',
            },
            'hypercall.finish': { guard: 'becomesTwoLevel', target: 'twoLevel', actions: 'step' },
          },
          initial: 'beyondArray',
          states: {
            beyondArray: {
              description: 'FIFO, but there is no event word for it yet.',
              meta: { facts: ['F6.2', 'F6.8'], says: 'beyondArray' },
              on: {
                '*': {
                  guard: 'becomesLinked',
                  target: 'linked',
                  actions: 'step',
                  description: 'An event is raised that is not masked (F6.7).',
                },
                'evtchn.expand_array': {
                  guard: 'becomesUnlinked',
                  target: 'unlinked',
                  actions: 'step',
                  description: 'One more page of event words.',
                },
              },
            },
            unlinked: {
              description: 'On no queue.',
              meta: { facts: ['F6.6'], says: 'unlinked' },
              on: {
                '*': { guard: 'becomesLinked', target: 'linked', actions: 'step' },
              },
            },
            linked: {
              description:
                'On the queue of its priority and vCPU; it may not be given to anybody (F6.9).',
              meta: { facts: ['F6.7', 'F6.9', 'I6.4'], says: 'linked' },
              on: {
                'guest.upcall': {
                  guard: 'becomesUnlinked',
                  target: 'unlinked',
                  actions: 'step',
                  description: 'The guest unlinks what it takes.',
                },
              },
            },
          },
        },
      },
    },
  },
});

/** Ports with a channel, and the lowest of each domain without: the next that it gets. */
const placesOf = (host: Host): readonly Channel[] =>
  Object.values(host.xen.domains).flatMap(({ domid, events }) => {
    const used = numericKeys(events.channels);
    let lowest = 1;
    while (used.includes(lowest)) lowest++;
    return [...used, lowest].sort((a, b) => a - b).map((port) => ({ domid, port }));
  });

export default chart<Channel>({
  name: 'event-channel',
  machine: eventChannel,
  says,
  questions,
  places: placesOf,
  label: ({ domid, port }) => `d${domid} port ${port}`,
});
