/**
 * One domain across an update: saved, forgotten by the jump, found again in
 * the stream, made in passes, verified, resumed (R36 to R40). No domain goes
 * into pass 2 before all have done pass 1, and none runs before all are
 * verified (R3).
 */
import { setup } from 'xstate';
import { numericKeys } from '../src/host/codec.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { type DomainPlace, domainAt, isGoing } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

const LAST_PASS = 5;

type Stage =
  | 'nowhere'
  | 'known'
  | 'saved'
  | 'crashed'
  | 'unread'
  | 'notMeant'
  | 'leftOut'
  | 'read'
  | 'resumed'
  | 'verified'
  | number;
const stage = (world: World, { domid }: DomainPlace): Stage => {
  const { restoring } = world;
  if (world.crash !== null) return 'crashed';
  if (restoring === null) {
    if (domainAt(world, { domid }) === undefined) return 'nowhere';
    return world.saved.includes(domid) ? 'saved' : 'known';
  }
  if (restoring.stream === null) return world.normalBoot === null ? 'unread' : 'notMeant';
  if (restoring.stream.domains[domid] === undefined)
    return domainAt(world, { domid }) === undefined ? 'leftOut' : 'known';
  if (world.resumed.includes(domid))
    return domainAt(world, { domid }) === undefined ? 'nowhere' : 'resumed';
  const passes = world.passes[domid] ?? 0;
  // The verification gives the stream's pages back: from then on there are none.
  if (passes === LAST_PASS && restoring.streamFrames.length === 0) return 'verified';
  return passes === 0 ? 'read' : passes;
};

const says = {
  nowhere: (world: World, of: DomainPlace) => stage(world, of) === 'nowhere',
  known: (world: World, of: DomainPlace) => stage(world, of) === 'known',
  saved: (world: World, of: DomainPlace) => stage(world, of) === 'saved',
  notMeant: (world: World, of: DomainPlace) => stage(world, of) === 'notMeant',
  unread: (world: World, of: DomainPlace) => stage(world, of) === 'unread',
  leftOut: (world: World, of: DomainPlace) => stage(world, of) === 'leftOut',
  read: (world: World, of: DomainPlace) => stage(world, of) === 'read',
  created: (world: World, of: DomainPlace) => stage(world, of) === 1,
  translated: (world: World, of: DomainPlace) => stage(world, of) === 2,
  staffed: (world: World, of: DomainPlace) => stage(world, of) === 3,
  owning: (world: World, of: DomainPlace) => stage(world, of) === 4,
  whole: (world: World, of: DomainPlace) => stage(world, of) === 5,
  verified: (world: World, of: DomainPlace) => stage(world, of) === 'verified',
  resumed: (world: World, of: DomainPlace) => stage(world, of) === 'resumed',
  crashed: (world: World, of: DomainPlace) => stage(world, of) === 'crashed',
};
const questions = { goes: isGoing };

const restoreDomain = setup({
  types: {
    context: {} as ChartContext<DomainPlace>,
    events: {} as WorldEvent,
    input: {} as ChartContext<DomainPlace>,
  },
  guards: guardsOf<DomainPlace, typeof says, typeof questions>(says, questions),
  actions: { step: stepOf<DomainPlace>() },
}).createMachine({
  id: 'restore-domain',
  description: 'One domain on its way from xen#1 to xen#2.',
  context: ({ input }) => input,
  on: {
    'lu.jump': { target: '.crashed', actions: 'step' },
    'lu.park': { guard: 'becomesCrashed', target: '.crashed', actions: 'step' },
    'restore.system': { guard: 'becomesCrashed', target: '.crashed', actions: 'step' },
    'restore.verify': { guard: 'becomesCrashed', target: '.crashed', actions: 'step' },
    'xen2.map-stream': { guard: 'becomesCrashed', target: '.crashed', actions: 'step' },
    'xen2.panic': { target: '.crashed', actions: 'step' },
    'xen2.reserve': { guard: 'becomesCrashed', target: '.crashed', actions: 'step' },
    '*': {
      guard: 'goes',
      target: '.nowhere',
      actions: 'step',
      description: 'The last reference to the domain is dropped, by whatever event (F2.15).',
    },
  },
  initial: 'looking',
  states: {
    looking: {
      description: 'How far has it come?',
      meta: { facts: ['R36'] },
      always: [
        { guard: 'isNowhere', target: 'nowhere' },
        { guard: 'isKnown', target: 'known' },
        { guard: 'isSaved', target: 'saved' },
        { guard: 'isNotMeant', target: 'notMeant' },
        { guard: 'isUnread', target: 'unread' },
        { guard: 'isLeftOut', target: 'leftOut' },
        { guard: 'isRead', target: 'read' },
        { guard: 'isCreated', target: 'passes.created' },
        { guard: 'isTranslated', target: 'passes.translated' },
        { guard: 'isStaffed', target: 'passes.staffed' },
        { guard: 'isOwning', target: 'passes.owning' },
        { guard: 'isWhole', target: 'passes.whole' },
        { guard: 'isVerified', target: 'verified' },
        { guard: 'isResumed', target: 'resumed' },
        { target: 'crashed' },
      ],
    },
    nowhere: {
      description: 'There is no such domain.',
      meta: { facts: ['F2.5'], says: 'nowhere' },
      on: {
        'domctl.createdomain': { guard: 'becomesKnown', target: 'known', actions: 'step' },
        'lu.jump': {
          guard: 'becomesUnread',
          target: 'unread',
          actions: 'step',
          description: 'The point of no return.',
        },
      },
    },
    known: {
      description: 'A domain of the Xen that runs.',
      meta: { facts: ['R16'], says: 'known' },
      on: {
        'kexec.exec': { target: 'notMeant', actions: 'step' },
        'lu.jump': {
          guard: 'becomesUnread',
          target: 'unread',
          actions: 'step',
          description: 'The point of no return.',
        },
        'lu.save.domain': {
          guard: 'becomesSaved',
          target: 'saved',
          actions: 'step',
          description: 'One block of records (R17).',
        },
      },
    },
    saved: {
      description: 'Its records are written; it is parked, so they stay true.',
      meta: { facts: ['R17', 'FRZ-1'], says: 'saved' },
      on: {
        'lu.jump': {
          guard: 'becomesUnread',
          target: 'unread',
          actions: 'step',
          description: 'The point of no return.',
        },
        'lu.rollback': {
          target: 'known',
          actions: 'step',
          description: 'The update is given up: nothing of it stays (PNR-1).',
        },
      },
    },
    notMeant: {
      description: 'A normal reboot: no domain is meant to survive it.',
      meta: { facts: ['S29'], says: 'notMeant' },
    },
    unread: {
      description: 'Somewhere in the stream, which xen#2 has not read.',
      meta: { facts: ['R26', 'R32'], says: 'unread' },
      on: {
        'xen2.map-stream': [
          {
            guard: 'becomesLeftOut',
            target: 'leftOut',
            actions: 'step',
            description: 'Breadcrumb, array, stream.',
          },
          { guard: 'becomesRead', target: 'read', actions: 'step' },
        ],
      },
    },
    leftOut: {
      description: 'The stream has no such domain.',
      meta: { facts: ['R8', 'S30'], says: 'leftOut' },
      on: {
        'domctl.createdomain': {
          guard: 'becomesKnown',
          target: 'known',
          actions: 'step',
          description: 'Made anew under xen#2, with the same domid.',
        },
        'lu.settle': {
          target: 'nowhere',
          actions: 'step',
          description: 'xen#2 is the Xen that runs; the next update begins from here.',
        },
      },
    },
    read: {
      description: 'Its records are read; its pages are reserved.',
      meta: { facts: ['R22', 'R55'], says: 'read' },
      on: {
        'restore.0a': {
          guard: 'becomesCreated',
          target: '#restore-domain.passes.created',
          actions: 'step',
        },
      },
    },
    passes: {
      description: 'Made pass by pass; in each, domains may come in any order.',
      meta: { facts: ['R40'] },
      initial: 'created',
      states: {
        created: {
          description: 'Pass 0a: allocated, without what needs more records.',
          meta: { facts: ['R37'], says: 'created' },
          on: {
            'restore.0b': { guard: 'becomesTranslated', target: 'translated', actions: 'step' },
          },
        },
        translated: {
          description: 'Pass 0b: its P2M, which must precede vCPUs.',
          meta: { facts: ['R37', 'R43'], says: 'translated' },
          on: {
            'restore.0c': { guard: 'becomesStaffed', target: 'staffed', actions: 'step' },
          },
        },
        staffed: {
          description: 'Pass 0c: its vCPUs, without their state.',
          meta: { facts: ['R37', 'F2.4'], says: 'staffed' },
          on: {
            'restore.1': { guard: 'becomesOwning', target: 'owning', actions: 'step' },
          },
        },
        owning: {
          description: 'Pass 1: its pages and its grant frames.',
          meta: { facts: ['R38'], says: 'owning' },
          on: {
            'restore.2': { guard: 'becomesWhole', target: 'whole', actions: 'step' },
          },
        },
        whole: {
          description: 'Pass 2: everything else.',
          meta: { facts: ['R39'], says: 'whole' },
          on: {
            'restore.verify': {
              guard: 'becomesVerified',
              target: '#restore-domain.verified',
              actions: 'step',
              description: 'Before any domain runs.',
            },
          },
        },
      },
    },
    verified: {
      description: 'Counts and pairs agree, of all domains.',
      meta: { facts: ['R44', 'section 11 rule 20'], says: 'verified' },
      on: {
        'lu.resume': { guard: 'becomesResumed', target: 'resumed', actions: 'step' },
      },
    },
    resumed: {
      description: "The update's pause is taken back: it runs if it ran before.",
      meta: { facts: ['R3'], says: 'resumed' },
      on: {
        'lu.settle': { target: 'known', actions: 'step' },
      },
    },
    crashed: {
      description: 'xen#2 found something inconsistent: the host is down, and the domain with it.',
      meta: { facts: ['R44', 'Q8', 'PNR-2'], says: 'crashed' },
    },
  },
});

export default chart<DomainPlace>({
  name: 'restore-domain',
  machine: restoreDomain,
  says,
  questions,
  places: (host) => numericKeys(host.xen.domains).map((domid) => ({ domid })),
  label: ({ domid }) => `d${domid}`,
});
