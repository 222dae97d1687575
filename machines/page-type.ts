/**
 * One page frame (F8.3 to F8.7): what it is, whether its validation is half
 * done, whether the guest pinned it, and whether tables of its own level
 * refer to it. xen#2 derives all of it anew: until then it knows the frame
 * as nobody's.
 */
import { setup } from 'xstate';
import {
  FLAG,
  type FrameTable,
  frameCount,
  hasFlag,
  ownerOf,
  typeOf,
} from '../src/host/frame-table.ts';
import { contentOf } from '../src/host/hardware.ts';
import type { Host } from '../src/host/host.ts';
import { isPageTable, type PageType, PGT } from '../src/host/page-type.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Frame = { readonly frame: number };

const tableOf = (world: World): FrameTable => hostOf(world).xen.frames;
const has = (world: World, { frame }: Frame, flag: number): boolean =>
  hasFlag(tableOf(world), frame, flag);
/** Beyond the table every flag reads as reserved. */
const isOwned = (world: World, of: Frame): boolean => !has(world, of, FLAG.reserved | FLAG.free);
const isOf = (world: World, of: Frame, type: PageType): boolean =>
  isOwned(world, of) && typeOf(tableOf(world), of.frame) === type;
const linear = (world: World, { frame }: Frame): number => tableOf(world).linear[frame] ?? 0;

const says = {
  nobodys: (world: World, of: Frame) =>
    has(world, of, FLAG.reserved) && !has(world, of, FLAG.broken),
  free: (world: World, of: Frame) =>
    has(world, of, FLAG.free) || (has(world, of, FLAG.reserved) && has(world, of, FLAG.broken)),
  untyped: (world: World, of: Frame) => isOf(world, of, PGT.none),
  writable: (world: World, of: Frame) => isOf(world, of, PGT.writable),
  segDesc: (world: World, of: Frame) => isOf(world, of, PGT.seg_desc),
  table: (world: World, of: Frame) =>
    isOwned(world, of) && isPageTable(typeOf(tableOf(world), of.frame)),
  l1: (world: World, of: Frame) => isOf(world, of, PGT.l1),
  l2: (world: World, of: Frame) => isOf(world, of, PGT.l2),
  l3: (world: World, of: Frame) => isOf(world, of, PGT.l3),
  l4: (world: World, of: Frame) => isOf(world, of, PGT.l4),
  notValidated: (world: World, of: Frame) => !has(world, of, FLAG.validated | FLAG.partial),
  validated: (world: World, of: Frame) =>
    has(world, of, FLAG.validated) && !has(world, of, FLAG.partial),
  partial: (world: World, of: Frame) =>
    has(world, of, FLAG.partial) && !has(world, of, FLAG.validated),
  unpinned: (world: World, of: Frame) => !has(world, of, FLAG.pinned),
  pinned: (world: World, of: Frame) => has(world, of, FLAG.pinned),
  apart: (world: World, of: Frame) => linear(world, of) === 0,
  user: (world: World, of: Frame) => linear(world, of) > 0,
  target: (world: World, of: Frame) => linear(world, of) < 0,
};

const pageType = setup({
  types: {
    context: {} as ChartContext<Frame>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Frame>,
  },
  guards: guardsOf<Frame, typeof says>(says),
  actions: { step: stepOf<Frame>() },
}).createMachine({
  id: 'page-type',
  description: 'One frame of memory: its type and what refers to it as such.',
  context: ({ input }) => input,
  type: 'parallel',
  states: {
    type: {
      description: 'What the page is used as: one thing at a time.',
      meta: { facts: ['F8.3', 'I8.5'] },
      on: {
        'lu.jump': {
          guard: 'becomesNobodys',
          target: '.nobodys',
          actions: 'step',
          description: 'xen#2 has no frame table yet (R26).',
        },
        'kexec.exec': {
          target: '.nobodys',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Whose is it, and what is it?',
          meta: { facts: ['F8.3', 'I8.5'] },
          always: [
            { guard: 'isNobodys', target: 'nobodys' },
            { guard: 'isFree', target: 'free' },
            { guard: 'isUntyped', target: 'owned.untyped' },
            { guard: 'isWritable', target: 'owned.writable' },
            { guard: 'isSegDesc', target: 'owned.segDesc' },
            { guard: 'isL1', target: 'owned.l1' },
            { guard: 'isL2', target: 'owned.l2' },
            { guard: 'isL3', target: 'owned.l3' },
            { target: 'owned.l4' },
          ],
        },
        nobodys: {
          description: 'No page of anybody that this Xen knows of.',
          meta: { facts: ['F1.5', 'R26'], says: 'nobodys' },
          on: {
            'restore.1': [
              {
                guard: 'becomesUntyped',
                target: '#page-type.type.owned.untyped',
                actions: 'step',
                description: 'The page has its owner again (R38).',
              },
              {
                guard: 'becomesWritable',
                target: '#page-type.type.owned.writable',
                actions: 'step',
              },
            ],
            'restore.verify': { guard: 'becomesFree', target: 'free', actions: 'step' },
            'xen2.reserve': {
              guard: 'becomesFree',
              target: 'free',
              actions: 'step',
              description: 'Heap, or reserved for its owner (R22).',
            },
          },
        },
        free: {
          description: 'In the heap; it may hold old data.',
          meta: { facts: ['F8.14'], says: 'free' },
          on: {
            '*': [
              { guard: 'becomesUntyped', target: '#page-type.type.owned.untyped', actions: 'step' },
              {
                guard: 'becomesWritable',
                target: '#page-type.type.owned.writable',
                actions: 'step',
              },
            ],
            'lu.save.seal': { guard: 'becomesNobodys', target: 'nobodys', actions: 'step' },
          },
        },
        owned: {
          description: 'A page of a domain: a type may change only while its count is 0.',
          meta: { facts: ['F8.3', 'F8.10'] },
          on: {
            '*': { guard: 'becomesFree', target: 'free', actions: 'step' },
          },
          initial: 'untyped',
          states: {
            untyped: {
              description: 'Owned, without a type reference: it may become anything.',
              meta: { facts: ['F8.3', 'F8.10'], says: 'untyped' },
              on: {
                'hypercall.finish': [
                  { guard: 'becomesL1', target: 'l1', actions: 'step' },
                  { guard: 'becomesL2', target: 'l2', actions: 'step' },
                ],
                'mmuext.pin': [
                  {
                    guard: 'becomesL1',
                    target: 'l1',
                    actions: 'step',
                    description: 'Its first type reference validates it.',
                  },
                  { guard: 'becomesL2', target: 'l2', actions: 'step' },
                  { guard: 'becomesL3', target: 'l3', actions: 'step' },
                  { guard: 'becomesL4', target: 'l4', actions: 'step' },
                ],
                'mmuext.pin-continue': [
                  { guard: 'becomesL1', target: 'l1', actions: 'step' },
                  { guard: 'becomesL2', target: 'l2', actions: 'step' },
                ],
                'restore.2': [
                  {
                    guard: 'becomesWritable',
                    target: 'writable',
                    actions: 'step',
                    description: 'Types are derived anew from pins, cr3s and maps (R39).',
                  },
                  { guard: 'becomesSegDesc', target: 'segDesc', actions: 'step' },
                  { guard: 'becomesL1', target: 'l1', actions: 'step' },
                  { guard: 'becomesL2', target: 'l2', actions: 'step' },
                  { guard: 'becomesL3', target: 'l3', actions: 'step' },
                  { guard: 'becomesL4', target: 'l4', actions: 'step' },
                ],
              },
            },
            writable: {
              description: 'PGT_writable_page: somebody may write it.',
              meta: { facts: ['F8.3', 'F8.17'], says: 'writable' },
              on: {
                '*': { guard: 'becomesUntyped', target: 'untyped', actions: 'step' },
              },
            },
            segDesc: {
              description: 'PGT_seg_desc_page: descriptors of a vCPU.',
              meta: { facts: ['F8.3'], says: 'segDesc' },
              on: {
                '*': { guard: 'becomesUntyped', target: 'untyped', actions: 'step' },
              },
            },
            l1: {
              description: 'An L1: its entries hold pages.',
              meta: { facts: ['F8.3', 'F8.5'], says: 'l1' },
              on: {
                '*': { guard: 'becomesUntyped', target: 'untyped', actions: 'step' },
              },
            },
            l2: {
              description: 'An L2: its entries hold L1s.',
              meta: { facts: ['F8.3', 'F8.5'], says: 'l2' },
              on: {
                '*': { guard: 'becomesUntyped', target: 'untyped', actions: 'step' },
              },
            },
            l3: {
              description: 'An L3: its entries hold L2s.',
              meta: { facts: ['F8.3', 'F8.5'], says: 'l3' },
              on: {
                '*': { guard: 'becomesUntyped', target: 'untyped', actions: 'step' },
              },
            },
            l4: {
              description: "An L4, with this Xen's own slots in it.",
              meta: { facts: ['F8.5', 'F8.16'], says: 'l4' },
              on: {
                '*': { guard: 'becomesUntyped', target: 'untyped', actions: 'step' },
              },
            },
          },
        },
      },
    },
    validity: {
      description: 'How far its content is checked.',
      meta: { facts: ['F8.3', 'F8.7'] },
      on: {
        'lu.jump': {
          guard: 'becomesNotValidated',
          target: '.notValidated',
          actions: 'step',
          description: 'xen#2 has no frame table yet (R26).',
        },
        'kexec.exec': {
          target: '.notValidated',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is it validated?',
          meta: { facts: ['F8.3', 'F8.7'] },
          always: [
            { guard: 'isNotValidated', target: 'notValidated' },
            { guard: 'isValidated', target: 'validated' },
            { target: 'partial' },
          ],
        },
        notValidated: {
          description: 'Nothing of it is.',
          meta: { facts: ['F8.3'], says: 'notValidated' },
          on: {
            '*': { guard: 'becomesValidated', target: 'validated', actions: 'step' },
            'mmuext.pin': {
              guard: 'becomesPartial',
              target: 'partial',
              actions: 'step',
              description: 'A preempted pin leaves it half done.',
            },
            'restore.1': { guard: 'becomesValidated', target: 'validated', actions: 'step' },
            'restore.2': [
              {
                guard: 'becomesValidated',
                target: 'validated',
                actions: 'step',
                description: 'Validated from the start: no partial state is carried (Q6).',
              },
              {
                guard: 'becomesPartial',
                target: 'partial',
                actions: 'step',
                description: 'Only where partial tables are carried (Q6).',
              },
            ],
          },
        },
        validated: {
          description: 'All of it is, for the type that it has.',
          meta: { facts: ['F8.3'], says: 'validated' },
          on: {
            '*': { guard: 'becomesNotValidated', target: 'notValidated', actions: 'step' },
            'mmuext.unpin': {
              guard: 'becomesPartial',
              target: 'partial',
              actions: 'step',
              description: 'A preempted unpin leaves it half undone.',
            },
          },
        },
        partial: {
          description:
            'PGT_partial: the first entries are; the flag holds a type count and, since XSA-299, a general reference.',
          meta: { facts: ['F8.7', 'F8.8'], says: 'partial' },
          on: {
            '*': [
              { guard: 'becomesNotValidated', target: 'notValidated', actions: 'step' },
              { guard: 'becomesValidated', target: 'validated', actions: 'step' },
            ],
          },
        },
      },
    },
    pin: {
      description: 'PGT_pinned: the guest keeps the table though nothing uses it.',
      meta: { facts: ['F8.5'] },
      on: {
        'lu.jump': {
          guard: 'becomesUnpinned',
          target: '.unpinned',
          actions: 'step',
          description: 'xen#2 has no frame table yet (R26).',
        },
        'kexec.exec': {
          target: '.unpinned',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is it pinned?',
          meta: { facts: ['F8.5'] },
          always: [{ guard: 'isUnpinned', target: 'unpinned' }, { target: 'pinned' }],
        },
        unpinned: {
          description: 'It is a table only as long as something uses it.',
          meta: { facts: ['F8.5'], says: 'unpinned' },
          on: {
            'hypercall.finish': { guard: 'becomesPinned', target: 'pinned', actions: 'step' },
            'mmuext.pin': { guard: 'becomesPinned', target: 'pinned', actions: 'step' },
            'mmuext.pin-continue': { guard: 'becomesPinned', target: 'pinned', actions: 'step' },
            'restore.2': {
              guard: 'becomesPinned',
              target: 'pinned',
              actions: 'step',
              description: 'Pinned again, with both references.',
            },
          },
        },
        pinned: {
          description: 'The pin holds one type and one general reference.',
          meta: { facts: ['F8.5'], says: 'pinned' },
          on: {
            'domain.kill': { guard: 'becomesUnpinned', target: 'unpinned', actions: 'step' },
            'hypercall.finish': { guard: 'becomesUnpinned', target: 'unpinned', actions: 'step' },
            'mmuext.unpin': { guard: 'becomesUnpinned', target: 'unpinned', actions: 'step' },
          },
        },
      },
    },
    linear: {
      description: 'Tables of one level that refer to each other.',
      meta: { facts: ['F8.6'] },
      on: {
        'lu.jump': {
          guard: 'becomesApart',
          target: '.apart',
          actions: 'step',
          description: 'xen#2 has no frame table yet (R26).',
        },
        'kexec.exec': {
          target: '.apart',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is it a user or a target?',
          meta: { facts: ['F8.6'] },
          always: [
            { guard: 'isApart', target: 'apart' },
            { guard: 'isUser', target: 'user' },
            { target: 'target' },
          ],
        },
        apart: {
          description: 'In no linear relation.',
          meta: { facts: ['F8.6'], says: 'apart' },
          on: {
            '*': [
              { guard: 'becomesUser', target: 'user', actions: 'step' },
              { guard: 'becomesTarget', target: 'target', actions: 'step' },
            ],
            'restore.2': [
              {
                guard: 'becomesUser',
                target: 'user',
                actions: 'step',
                description: 'Targets before users (rule 9).',
              },
              { guard: 'becomesTarget', target: 'target', actions: 'step' },
            ],
          },
        },
        user: {
          description: 'Has entries to tables of its own level.',
          meta: { facts: ['F8.6'], says: 'user' },
          on: {
            '*': { guard: 'becomesApart', target: 'apart', actions: 'step' },
          },
        },
        target: {
          description:
            'Tables of its own level have entries to it; it may have none itself (XSA-240).',
          meta: { facts: ['F8.6'], says: 'target' },
          on: {
            '*': { guard: 'becomesApart', target: 'apart', actions: 'step' },
          },
        },
      },
    },
  },
});

/** Has the frame any of this, or content of a page table: could it be one soon? */
const isTable = (host: Host, frame: number): boolean =>
  typeOf(host.xen.frames, frame) !== PGT.none && typeOf(host.xen.frames, frame) !== PGT.writable
    ? true
    : contentOf(host.hardware, frame, 'pagetable') !== null;

/**
 * Of the pages of PV domains: those that are page tables or descriptor
 * tables, or hold what could be one; and of the others, which are all alike,
 * the first of each type that the domain has.
 */
const placesOf = (host: Host): readonly Frame[] => {
  const { frames, domains } = host.xen;
  const alike = new Set<number>();
  const found: Frame[] = [];
  for (let frame = 0; frame < frameCount(frames); frame++) {
    const owner = ownerOf(frames, frame);
    if (domains[owner]?.type !== 'pv') continue;
    if (hasFlag(frames, frame, FLAG.xenheap | FLAG.extra | FLAG.pool)) continue;
    // Flags have 16 bits.
    const kind = owner * 2 ** 16 + typeOf(frames, frame);
    if (alike.has(kind) && !isTable(host, frame)) continue;
    alike.add(kind);
    found.push({ frame });
  }
  return found;
};

export default chart<Frame>({
  name: 'page-type',
  machine: pageType,
  says,
  questions: {},
  places: placesOf,
  label: ({ frame }) => `0x${frame.toString(16)}`,
});
