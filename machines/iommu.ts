/**
 * The IOMMU across an update (R33, R34): devices may do DMA at any moment, so
 * it walks the same tables from before the save to after the last resume,
 * whoever believes to own it. Between the jump and the take-over nobody does.
 */
import { setup } from 'xstate';
import { contentOf } from '../src/host/hardware.ts';
import type { Host } from '../src/host/host.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Everywhere = Readonly<Record<never, never>>;

const hasUnits = (world: World): boolean => hostOf(world).hardware.iommuRoot !== null;
/** Is the page that the units walk still a root table? */
const isWhole = ({ hardware }: Host): boolean =>
  hardware.iommuRoot !== null && contentOf(hardware, hardware.iommuRoot, 'iommu-root') !== null;
/** Is there a device, and none of them has an own table with a mapping in it? */
const isBare = ({ hardware }: Host): boolean => {
  const root =
    hardware.iommuRoot === null ? null : contentOf(hardware, hardware.iommuRoot, 'iommu-root');
  const own = Object.values(root?.devices ?? {}).flatMap(({ table }) => {
    const c = contentOf(hardware, table, 'iommu-table');
    return c === null ? [] : [Object.keys(c.entries).length];
  });
  return own.length > 0 && own.every((entries) => entries === 0);
};
const stage = (world: World): 'own' | 'left' | 'known' | 'taken' => {
  if (world.restoring === null) return 'own';
  if (world.restoring.iommuTaken) return 'taken';
  return world.restoring.xen.system.iommuFrames.length > 0 ? 'known' : 'left';
};
const stands = (world: World, where: ReturnType<typeof stage>): boolean =>
  hasUnits(world) && stage(world) === where && isWhole(hostOf(world));

const says = {
  off: (world: World) => !hasUnits(world),
  owned: (world: World) => stands(world, 'own'),
  left: (world: World) => stands(world, 'left'),
  known: (world: World) => stands(world, 'known'),
  taken: (world: World) => stands(world, 'taken') && !isBare(hostOf(world)),
  bare: (world: World) => stands(world, 'taken') && isBare(hostOf(world)),
  overwritten: (world: World) => hasUnits(world) && !isWhole(hostOf(world)),
};

const iommu = setup({
  types: {
    context: {} as ChartContext<Everywhere>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Everywhere>,
  },
  guards: guardsOf<Everywhere, typeof says>(says),
  actions: { step: stepOf<Everywhere>() },
}).createMachine({
  id: 'iommu',
  description: 'Who the IOMMU belongs to, and what devices can reach meanwhile.',
  context: ({ input }) => input,
  initial: 'looking',
  states: {
    looking: {
      description: 'Whose is it?',
      meta: { facts: ['R33'] },
      always: [
        { guard: 'isOff', target: 'off' },
        { guard: 'isOwned', target: 'owned' },
        { guard: 'isLeft', target: 'left' },
        { guard: 'isKnown', target: 'known' },
        { guard: 'isTaken', target: 'taken' },
        { guard: 'isBare', target: 'bare' },
        { target: 'overwritten' },
      ],
    },
    off: {
      description: 'There is none, or no device was ever assigned.',
      meta: { facts: ['F8.19'], says: 'off' },
    },
    owned: {
      description: 'The Xen that runs owns it.',
      meta: { facts: ['F8.19'], says: 'owned' },
      on: {
        'kexec.exec': { target: 'left', actions: 'step' },
        'lu.jump': {
          guard: 'becomesLeft',
          target: 'left',
          actions: 'step',
          description: 'Devices cannot be told to wait.',
        },
      },
    },
    left: {
      description: 'Left active across the jump: it walks tables of which nobody knows.',
      meta: { facts: ['R33'], says: 'left' },
      on: {
        'xen2.boot': {
          guard: 'becomesOverwritten',
          target: 'overwritten',
          actions: 'step',
          description: 'Only where R33 is dropped.',
        },
        'xen2.reserve': {
          guard: 'becomesKnown',
          target: 'known',
          actions: 'step',
          description: 'Its frames are reserved before the heap opens.',
        },
      },
    },
    known: {
      description: 'xen#2 has read where the tables are, and keeps out of them.',
      meta: { facts: ['R33', 'R22'], says: 'known' },
      on: {
        'restore.system': [
          {
            guard: 'becomesTaken',
            target: 'taken',
            actions: 'step',
            description: 'The root is where the stream says, and nothing in it is touched.',
          },
          { guard: 'becomesBare', target: 'bare', actions: 'step' },
        ],
      },
    },
    taken: {
      description: 'xen#2 owns it; no mapping became invalid even briefly.',
      meta: { facts: ['R34'], says: 'taken' },
      on: {
        'lu.settle': {
          target: 'owned',
          actions: 'step',
          description: 'The next update begins from here.',
        },
      },
    },
    bare: {
      description: 'Taken over, and no device has a mapping: where R34 is dropped, a window (S42).',
      meta: { facts: ['R34', 'S42'], says: 'bare' },
      on: {
        'lu.settle': { target: 'owned', actions: 'step' },
      },
    },
    overwritten: {
      description: 'The root was in bootmem, and xen#2 booted in it: DMA goes anywhere.',
      meta: { facts: ['R33', 'S43'], says: 'overwritten' },
    },
  },
});

export default chart<Everywhere>({
  name: 'iommu',
  machine: iommu,
  says,
  questions: {},
  places: () => [{}],
  label: () => '',
});
