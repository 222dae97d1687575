/**
 * A reset of a domain's event channels (F5): EVTCHNOP_reset, or a soft reset
 * that shares its cursor, carried on by whichever vCPU was preempted in it.
 * The cursor is with the domain that is reset, the continuation in the
 * registers of a caller that may be another domain (F5.8): four of the
 * states are the ways in which an update can part the two (F5.6).
 */
import { setup } from 'xstate';
import type { Host } from '../src/host/host.ts';
import { type ResetCall, resetCallOf } from '../src/host/reset-call.ts';
import { ERRNO, resultWord } from '../src/hypercalls/errno.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type Ask, type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { allVcpus, type DomainPlace, domainAt, isGoing } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

interface Caller {
  readonly domid: number;
  readonly vcpu: number;
  readonly call: ResetCall;
}
/** vCPUs that stand at a reset of the domain; those that resume come first. */
const callersOf = (host: Host, target: number): readonly Caller[] =>
  allVcpus(host)
    .flatMap(({ domid, v }): Caller[] => {
      const call = resetCallOf(v.registers);
      return call?.target === target ? [{ domid, vcpu: v.id, call }] : [];
    })
    .sort((a, b) => Number(b.call.resuming) - Number(a.call.resuming));

type Standing = 'absent' | 'idle' | 'lost' | 'restarting' | 'blocked' | 'stuck' | 'resumed';
const standing = (world: World, { domid }: DomainPlace): Standing => {
  const d = domainAt(world, { domid });
  if (d === undefined) return 'absent';
  const [first] = callersOf(hostOf(world), domid);
  if (d.events.nextEvtchn === 0)
    return first === undefined ? 'idle' : first.call.resuming ? 'lost' : 'restarting';
  return first === undefined ? 'stuck' : first.call.resuming ? 'resumed' : 'blocked';
};
const resumedBy = (world: World, of: DomainPlace): 'own' | 'other' | 'soft' | null => {
  if (standing(world, of) !== 'resumed') return null;
  const [first] = callersOf(hostOf(world), of.domid);
  if (first?.call.by === 'domctl') return 'soft';
  return first?.domid === of.domid ? 'own' : 'other';
};

const says = {
  absent: (world: World, of: DomainPlace) => standing(world, of) === 'absent',
  idle: (world: World, of: DomainPlace) => standing(world, of) === 'idle',
  own: (world: World, of: DomainPlace) => resumedBy(world, of) === 'own',
  other: (world: World, of: DomainPlace) => resumedBy(world, of) === 'other',
  soft: (world: World, of: DomainPlace) => resumedBy(world, of) === 'soft',
  lost: (world: World, of: DomainPlace) => standing(world, of) === 'lost',
  restarting: (world: World, of: DomainPlace) => standing(world, of) === 'restarting',
  blocked: (world: World, of: DomainPlace) => standing(world, of) === 'blocked',
  stuck: (world: World, of: DomainPlace) => standing(world, of) === 'stuck',
};

/** What the vCPUs that no longer stand at a reset of the domain were told. */
const endsWith = (errno: keyof typeof ERRNO) => (ask: Ask<DomainPlace>) => {
  const { world, after, of } = ask;
  if (!ask.happens || standing(after, of) !== 'idle') return false;
  const host = hostOf(after);
  return callersOf(hostOf(world), of.domid).some(
    ({ domid, vcpu }) =>
      host.xen.domains[domid]?.vcpus[vcpu]?.registers.rax === resultWord(-ERRNO[errno]),
  );
};
const questions = { goes: isGoing, endsAgain: endsWith('EAGAIN'), endsBusy: endsWith('EBUSY') };

const evtchnReset = setup({
  types: {
    context: {} as ChartContext<DomainPlace>,
    events: {} as WorldEvent,
    input: {} as ChartContext<DomainPlace>,
  },
  guards: guardsOf<DomainPlace, typeof says, typeof questions>(says, questions),
  actions: { step: stepOf<DomainPlace>() },
}).createMachine({
  id: 'evtchn-reset',
  description: "A reset of one domain's event channels, with its cursor.",
  context: ({ input }) => input,
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
      description: 'Is there a cursor, and who goes on from it?',
      meta: { facts: ['F5.2'] },
      always: [
        { guard: 'isAbsent', target: 'absent' },
        { guard: 'isIdle', target: 'idle' },
        { guard: 'isOwn', target: 'resumed.own' },
        { guard: 'isOther', target: 'resumed.other' },
        { guard: 'isSoft', target: 'resumed.soft' },
        { guard: 'isLost', target: 'lost' },
        { guard: 'isRestarting', target: 'restarting' },
        { guard: 'isBlocked', target: 'blocked' },
        { target: 'stuck' },
      ],
    },
    absent: {
      description: 'There is no such domain, or xen#2 has not made it yet.',
      meta: { facts: ['F5.2', 'R37'], says: 'absent' },
      on: {
        'domctl.createdomain': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
        'restore.0a': {
          guard: 'becomesIdle',
          target: 'idle',
          actions: 'step',
          description: 'A domain without a cursor.',
        },
      },
    },
    idle: {
      description: 'next_evtchn is 0, and nobody is in a reset of it.',
      meta: { facts: ['F5.3'], says: 'idle' },
      on: {
        'domctl.soft_reset': {
          guard: 'becomesSoft',
          target: '#evtchn-reset.resumed.soft',
          actions: 'step',
          description: 'Preempted between two ports.',
        },
        'evtchn.reset': [
          {
            guard: 'becomesOwn',
            target: '#evtchn-reset.resumed.own',
            actions: 'step',
            description: 'Preempted between two ports.',
          },
          { guard: 'becomesOther', target: '#evtchn-reset.resumed.other', actions: 'step' },
        ],
        'restore.2': [
          {
            guard: 'becomesOwn',
            target: '#evtchn-reset.resumed.own',
            actions: 'step',
            description:
              'Cursor and registers come with their domains, as far as the answer to Q4 has them carried.',
          },
          { guard: 'becomesLost', target: 'lost', actions: 'step' },
          { guard: 'becomesRestarting', target: 'restarting', actions: 'step' },
          { guard: 'becomesBlocked', target: 'blocked', actions: 'step' },
        ],
      },
    },
    resumed: {
      description: 'Half of the ports are closed; a new reset is refused with -EBUSY.',
      meta: { facts: ['F5.2', 'F5.3'] },
      on: {
        'evtchn.reset-continue': [
          {
            guard: 'endsAgain',
            target: 'idle',
            actions: 'step',
            description:
              '-EAGAIN: a port was opened below the cursor, which is free for the next reset (F5.4).',
          },
          {
            guard: 'becomesIdle',
            target: 'idle',
            actions: 'step',
            description: 'All ports are closed: 0, and back to 2-level.',
          },
        ],
        'hypercall.finish': [
          {
            guard: 'becomesIdle',
            target: 'idle',
            actions: 'step',
            description: 'The Xen that runs carries it to its end.',
          },
          {
            guard: 'becomesLost',
            target: 'lost',
            actions: 'step',
            description: 'It carried a destroydomain on: evtchn_destroy clears the cursor.',
          },
        ],
      },
      initial: 'own',
      states: {
        own: {
          description: 'A vCPU of the domain goes on with EVTCHNOP_reset_cont.',
          meta: { facts: ['F5.2', 'F3.6'], says: 'own' },
          on: {
            'domain.kill': {
              guard: 'becomesLost',
              target: '#evtchn-reset.lost',
              actions: 'step',
              description: 'evtchn_destroy clears the cursor.',
            },
          },
        },
        other: {
          description: 'A vCPU of another domain does: cursor and continuation are apart (F5.8).',
          meta: { facts: ['F5.8'], says: 'other' },
          on: {
            'domain.kill': {
              guard: 'becomesStuck',
              target: '#evtchn-reset.stuck',
              actions: 'step',
            },
            'hypercall.finish': {
              guard: 'becomesStuck',
              target: '#evtchn-reset.stuck',
              actions: 'step',
              description: 'It carried on the end of the domain that resets.',
            },
          },
        },
        soft: {
          description: 'A tool stack does, with soft_reset_cont and the same cursor.',
          meta: { facts: ['F5.7'], says: 'soft' },
          on: {
            'domctl.soft_reset-continue': {
              guard: 'becomesIdle',
              target: '#evtchn-reset.idle',
              actions: 'step',
              description: 'All ports are closed, and the domain is resumed.',
            },
          },
        },
      },
    },
    lost: {
      description:
        'Somebody will resume, but the cursor is gone: -EBUSY, with half of the ports closed.',
      meta: { facts: ['F5.6', 'S13'], says: 'lost' },
      on: {
        'domctl.soft_reset-continue': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
        'evtchn.reset-continue': {
          guard: 'endsBusy',
          target: 'idle',
          actions: 'step',
          description: '-EBUSY: there is nothing to resume (F5.3).',
        },
        'hypercall.finish': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
        'restore.2': [
          { guard: 'becomesOther', target: '#evtchn-reset.resumed.other', actions: 'step' },
          { guard: 'becomesSoft', target: '#evtchn-reset.resumed.soft', actions: 'step' },
        ],
      },
    },
    restarting: {
      description: 'The sub-op was rewritten and the cursor dropped: it starts again at port 1.',
      meta: { facts: ['F5.4', 'F5.6'], says: 'restarting' },
      on: {
        'domctl.soft_reset-continue': [
          { guard: 'becomesIdle', target: 'idle', actions: 'step' },
          { guard: 'becomesSoft', target: '#evtchn-reset.resumed.soft', actions: 'step' },
        ],
        'evtchn.reset-continue': [
          { guard: 'becomesIdle', target: 'idle', actions: 'step' },
          { guard: 'becomesOwn', target: '#evtchn-reset.resumed.own', actions: 'step' },
          { guard: 'becomesOther', target: '#evtchn-reset.resumed.other', actions: 'step' },
        ],
        'hypercall.finish': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
        'restore.2': { guard: 'becomesBlocked', target: 'blocked', actions: 'step' },
      },
    },
    blocked: {
      description: 'The sub-op was rewritten, the cursor was not: it will be refused with -EBUSY.',
      meta: { facts: ['F5.6', 'S14'], says: 'blocked' },
      on: {
        'domain.kill': { guard: 'becomesRestarting', target: 'restarting', actions: 'step' },
        'domctl.soft_reset-continue': { guard: 'becomesStuck', target: 'stuck', actions: 'step' },
        'evtchn.reset-continue': { guard: 'becomesStuck', target: 'stuck', actions: 'step' },
        'hypercall.finish': [
          { guard: 'becomesStuck', target: 'stuck', actions: 'step' },
          { guard: 'becomesRestarting', target: 'restarting', actions: 'step' },
        ],
      },
    },
    stuck: {
      description: 'A cursor that nobody goes on from: every later reset is refused, for ever.',
      meta: { facts: ['F5.3', 'S14'], says: 'stuck' },
      on: {
        'domain.kill': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
        'hypercall.finish': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
      },
    },
  },
});

export default chart<DomainPlace>({
  name: 'evtchn-reset',
  machine: evtchnReset,
  says,
  questions,
  places: (host) => Object.values(host.xen.domains).map(({ domid }) => ({ domid })),
  label: ({ domid }) => `d${domid}`,
});
