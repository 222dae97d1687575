/**
 * The kexec images (F1.11): one slot for kernels to reboot into and for
 * images of an update, and one for the crash kernel. While an update is under
 * way its slot must not change (R10): the exec hypercall has returned long
 * ago, so nothing else protects it (S10).
 */
import { setup } from 'xstate';
import type { KexecImage } from '../src/host/system.ts';
import { isParked } from '../src/liveupdate/pause.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Everywhere = Readonly<Record<never, never>>;

const typeOf = (world: World): KexecImage['type'] | null =>
  hostOf(world).xen.system.kexec.default?.type ?? null;
/** Has the update done anything that relies on the image: stopped a domain, written a record? */
const isUnderWay = (world: World): boolean =>
  world.records.length > 0 || Object.values(hostOf(world).xen.domains).some(isParked);

const says = {
  empty: (world: World) => typeOf(world) === null && (world.host === null || !isUnderWay(world)),
  kernel: (world: World) => typeOf(world) === 'default' && !isUnderWay(world),
  image: (world: World) => typeOf(world) === 'live_update' && !isUnderWay(world),
  inProgress: (world: World) => typeOf(world) === 'live_update' && isUnderWay(world),
  freed: (world: World) => typeOf(world) === null && world.host !== null && isUnderWay(world),
  replaced: (world: World) => typeOf(world) === 'default' && isUnderWay(world),
  noCrashKernel: (world: World) => hostOf(world).xen.system.kexec.crash === null,
  crashKernel: (world: World) => hostOf(world).xen.system.kexec.crash !== null,
};

const kexecSlot = setup({
  types: {
    context: {} as ChartContext<Everywhere>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Everywhere>,
  },
  guards: guardsOf<Everywhere, typeof says>(says),
  actions: { step: stepOf<Everywhere>() },
}).createMachine({
  id: 'kexec-slot',
  description: 'The images that kexec_load has put into their slots.',
  context: ({ input }) => input,
  type: 'parallel',
  states: {
    shared: {
      description: 'The default slot, for both kinds of image.',
      meta: { facts: ['R10', 'F1.11'] },
      initial: 'looking',
      states: {
        looking: {
          description: 'What is in the slot?',
          meta: { facts: ['R10', 'F1.11'] },
          always: [
            { guard: 'isEmpty', target: 'empty' },
            { guard: 'isKernel', target: 'kernel' },
            { guard: 'isImage', target: 'image' },
            { guard: 'isInProgress', target: 'inProgress' },
            { guard: 'isFreed', target: 'freed' },
            { target: 'replaced' },
          ],
        },
        empty: {
          description: 'No image is loaded.',
          meta: { facts: ['R10'], says: 'empty' },
          on: {
            'kexec.load': {
              guard: 'becomesImage',
              target: 'image',
              actions: 'step',
              description: 'If there is a place; the option is appended (R28, F1.3, F1.6).',
            },
            'kexec.load_default': {
              target: 'kernel',
              actions: 'step',
              description: 'The slot is shared: whatever was in it is gone.',
            },
            'lu.park': {
              target: 'freed',
              actions: 'step',
              description: 'The first domain is stopped.',
            },
          },
        },
        kernel: {
          description: 'KEXEC_TYPE_DEFAULT: a kernel to reboot into.',
          meta: { facts: ['F1.8', 'F1.11'], says: 'kernel' },
          on: {
            'kexec.exec': {
              target: 'empty',
              actions: 'step',
              description: 'The machine reboots into it.',
            },
            'kexec.load': { guard: 'becomesImage', target: 'image', actions: 'step' },
            'kexec.unload': { target: 'empty', actions: 'step', description: 'Freed.' },
            'lu.park': { target: 'replaced', actions: 'step' },
          },
        },
        image: {
          description: 'KEXEC_TYPE_LIVE_UPDATE: an image for an update, with its option.',
          meta: { facts: ['F1.6', 'F1.8'], says: 'image' },
          on: {
            'kexec.load_default': { target: 'kernel', actions: 'step' },
            'kexec.unload': { target: 'empty', actions: 'step' },
            'lu.park': { guard: 'becomesInProgress', target: 'inProgress', actions: 'step' },
            'lu.save.system': {
              target: 'inProgress',
              actions: 'step',
              description: 'The first record is written.',
            },
          },
        },
        inProgress: {
          description: 'An update relies on it: domains are stopped, records written.',
          meta: { facts: ['R10', 'S10'], says: 'inProgress' },
          on: {
            '*': {
              guard: 'becomesImage',
              target: 'image',
              actions: 'step',
              description: 'The only domain that was stopped is gone, by whatever event.',
            },
            'kexec.load_default': { target: 'replaced', actions: 'step' },
            'kexec.unload': { target: 'freed', actions: 'step' },
            'lu.jump': {
              target: 'empty',
              actions: 'step',
              description: 'xen#2 has an empty slot.',
            },
            'lu.rollback': {
              target: 'image',
              actions: 'step',
              description: 'The image stays loaded, as before (PNR-1).',
            },
          },
        },
        freed: {
          description: 'Only without R10: unloaded while an update needs it.',
          meta: { facts: ['S10'], says: 'freed' },
          on: {
            'kexec.load': { target: 'inProgress', actions: 'step' },
            'kexec.load_default': { target: 'replaced', actions: 'step' },
            'lu.rollback': { target: 'empty', actions: 'step' },
          },
        },
        replaced: {
          description: 'Only without R10: a kernel that knows of no update lies there.',
          meta: { facts: ['S10'], says: 'replaced' },
          on: {
            'kexec.load': { target: 'inProgress', actions: 'step' },
            'kexec.unload': { target: 'freed', actions: 'step' },
            'lu.rollback': { target: 'kernel', actions: 'step' },
          },
        },
      },
    },
    crash: {
      description: 'The crash kernel, which is wanted most while an update may go wrong.',
      meta: { facts: ['Q15'] },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is there a crash kernel?',
          meta: { facts: ['Q15'] },
          always: [
            { guard: 'isNoCrashKernel', target: 'noCrashKernel' },
            { target: 'crashKernel' },
          ],
        },
        noCrashKernel: {
          description: 'None is loaded, or xen#2 does not know of it yet.',
          meta: { facts: ['Q15', 'F13.7'], says: 'noCrashKernel' },
          on: {
            'restore.system': {
              guard: 'becomesCrashKernel',
              target: 'crashKernel',
              actions: 'step',
              description: 'The record says where it is.',
            },
          },
        },
        crashKernel: {
          description: 'One is loaded in its reservation.',
          meta: { facts: ['Q15', 'F1.8'], says: 'crashKernel' },
          on: {
            'kexec.exec': { target: 'noCrashKernel', actions: 'step' },
            'kexec.load': {
              guard: 'becomesNoCrashKernel',
              target: 'noCrashKernel',
              actions: 'step',
              description: 'Only where both share one region (Q15).',
            },
            'lu.jump': {
              guard: 'becomesNoCrashKernel',
              target: 'noCrashKernel',
              actions: 'step',
              description: 'It lies where it was; xen#2 does not know of it.',
            },
          },
        },
      },
    },
  },
});

export default chart<Everywhere>({
  name: 'kexec-slot',
  machine: kexecSlot,
  says,
  questions: {},
  places: () => [{}],
  label: () => '',
});
