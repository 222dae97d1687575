/**
 * The Live Update itself: trigger, quiesce, save, hand over, restore (R1).
 * Control only; what a step does to the host is in `src/liveupdate`. There
 * are no timers and no promises: time-outs and failures are events, so the
 * same machine can be animated, sampled and exhausted.
 *
 * Up to `sealed` every failure, cancel or time-out goes to `aborting` and
 * from there back to where the update started (PNR-1). The transition
 * `lu.jump` is the point of no return; after it the only ends are `done`
 * and `crashed` (PNR-2).
 */
import { setup } from 'xstate';
import type { Update } from '../src/liveupdate/update.ts';
import * as steps from '../src/liveupdate/update.ts';
import { becomes } from '../src/world/becomes.ts';
import {
  after,
  happens,
  isUpdateEvent,
  type WorldContext,
  type WorldEvent,
} from '../src/world/world.ts';

export const liveUpdate = setup({
  types: {
    context: {} as WorldContext,
    events: {} as WorldEvent,
    input: {} as Update,
  },
  guards: {
    happens: ({ context, event }) => happens(context.world, event),
    imageFits: ({ context, event }) =>
      event.type === 'kexec.load' && steps.imageFits(context.world, event),
    slotIsOpen: ({ context }) => steps.slotIsOpen(context.world),
    mayReplace: ({ context, event }) =>
      event.type === 'kexec.load' &&
      steps.slotIsOpen(context.world) &&
      steps.imageFits(context.world, event),
    isLoaded: ({ context }) => steps.isLoaded(context.world),
    mayExec: ({ context }) => steps.mayExec(context.world),
    startsAfresh: ({ context }) => steps.startsAfresh(context.world),
    isRefused: ({ context }) => context.world.refusals.length > 0,
    isHopeless: ({ context }) => steps.isHopeless(context.world),
    mayPark: ({ context, event }) =>
      event.type === 'lu.park' && steps.mayPark(context.world, event.domid),
    isQuiescent: ({ context }) => steps.isQuiescent(context.world),
    maySave: ({ context, event }) =>
      event.type === 'lu.save.domain' && steps.maySave(context.world, event.domid),
    allSaved: ({ context }) => steps.allSaved(context.world),
    hasCrashed: ({ context }) => context.world.crash !== null,
    mayRestore: ({ context, event }) =>
      isUpdateEvent(event) && steps.mayRestore(context.world, event),
    pass0aDone: ({ context }) => steps.passDone(context.world, 1),
    pass0bDone: ({ context }) => steps.passDone(context.world, 2),
    pass0cDone: ({ context }) => steps.passDone(context.world, 3),
    pass1Done: ({ context }) => steps.passDone(context.world, 4),
    pass2Done: ({ context }) => steps.passDone(context.world, 5),
    mayResume: ({ context, event }) =>
      event.type === 'lu.resume' && steps.mayResume(context.world, event.domid),
    mayResumeEarly: ({ context, event }) =>
      event.type === 'lu.resume' && steps.mayResumeEarly(context.world, event.domid),
    allResumed: ({ context }) => steps.allResumed(context.world),
  },
  // What an event does is told by its name, in every chart alike; the names here are for readers.
  actions: {
    step: becomes(after),
    load: becomes(after),
    loadDefault: becomes(after),
    unload: becomes(after),
    exec: becomes(after),
    check: becomes(after),
    look: becomes(steps.look),
    park: becomes(after),
    refuseHopeless: becomes(steps.refuseHopeless),
    noteTimeout: becomes(after),
    noteCancel: becomes(after),
    noteFailure: becomes(after),
    saveGlobals: becomes(after),
    saveDomain: becomes(after),
    seal: becomes(after),
    rollBack: becomes(after),
    jump: becomes(after),
    boot: becomes(after),
    mapStream: becomes(after),
    reserve: becomes(after),
    restore: becomes(after),
    restoreSystem: becomes(after),
    verify: becomes(after),
    resume: becomes(after),
    panic: becomes(after),
    settle: becomes(after),
  },
}).createMachine({
  id: 'live-update',
  description: 'Live Update of a running Xen, from the image load to the last resume.',
  context: ({ input }) => ({ world: input }),
  initial: 'idle',
  states: {
    idle: {
      description: 'No Live Update image is loaded.',
      meta: { facts: ['R10', 'R11'] },
      on: {
        'kexec.load': [
          {
            guard: 'imageFits',
            target: 'loaded',
            actions: 'load',
            description: 'The image has a place (R28).',
          },
          {
            target: 'refused',
            actions: 'load',
            description: 'No place, a bad option, a segment in the way (F1.3, F1.6, F1.7).',
          },
        ],
        'kexec.load_default': {
          actions: 'loadDefault',
          description: 'A kernel to reboot into takes the same slot (F1.11).',
        },
        'kexec.unload': { guard: 'isLoaded', actions: 'unload' },
        'kexec.exec': {
          guard: 'mayExec',
          target: 'booting',
          actions: 'exec',
          description: 'A normal reboot into a Xen: no domain is meant to survive (S29).',
        },
        '*': { guard: 'happens', actions: 'step', description: 'Guests and Xen go on.' },
      },
    },
    loaded: {
      description: 'The image waits in its slot; nothing has been asked yet.',
      meta: { facts: ['R10', 'F1.11'] },
      on: {
        'kexec.load': [
          { guard: 'imageFits', actions: 'load', description: 'Another image takes its place.' },
          { target: 'refused', actions: 'load', description: 'The one that was there stays.' },
        ],
        'kexec.load_default': {
          target: 'idle',
          actions: 'loadDefault',
          description: 'A kernel to reboot into takes the same slot (F1.11).',
        },
        'kexec.unload': { target: 'idle', actions: 'unload' },
        'lu.request': {
          target: 'checking',
          actions: 'check',
          description: 'The request returns at once; the update happens later (R13, F1.12).',
        },
        '*': { guard: 'happens', actions: 'step', description: 'Guests and Xen go on.' },
      },
    },
    checking: {
      description: 'Can this pair of versions carry this host? Decided before anything is touched.',
      meta: { facts: ['R9', 'S56', 'S63', 'Q7'] },
      always: [{ guard: 'isRefused', target: 'refused' }, { target: 'quiescing' }],
    },
    quiescing: {
      description:
        'Domains are stopped at the restartable boundary, device emulators and PV domains last.',
      meta: { facts: ['R2', 'R12', 'R14', 'R15', 'R45', 'F9.9'] },
      entry: 'look',
      always: [
        {
          guard: 'hasCrashed',
          target: 'crashed',
          description: "Only without R12': the hardware domain shut down (F2.23, S2).",
        },
        { guard: 'isHopeless', target: 'aborting', actions: 'refuseHopeless' },
        { guard: 'isQuiescent', target: 'saving' },
      ],
      on: {
        'lu.park': { guard: 'mayPark', actions: ['park', 'look'] },
        '*': {
          guard: 'happens',
          actions: ['step', 'look'],
          description: 'What still runs goes on, and may take an obstacle away or make one.',
        },
        'kexec.load': {
          guard: 'mayReplace',
          actions: ['load', 'look'],
          description: 'Only without R10: an image that nobody has checked (S10).',
        },
        'kexec.load_default': {
          guard: 'slotIsOpen',
          actions: ['loadDefault', 'look'],
          description: 'Only without R10: a kernel that knows of no update (S10).',
        },
        'kexec.unload': {
          guard: 'slotIsOpen',
          actions: ['unload', 'look'],
          description: 'Only without R10: the image is freed while it is needed (S10).',
        },
        'lu.cancel': { target: 'aborting', actions: 'noteCancel' },
        'lu.timeout': { target: 'aborting', actions: 'noteTimeout' },
        'lu.fail': { target: 'aborting', actions: 'noteFailure' },
      },
    },
    saving: {
      description: 'Records of the system, then of each domain, become the stream.',
      meta: { facts: ['R16', 'R17', 'R18', 'F1.10'] },
      initial: 'system',
      always: {
        guard: 'isRefused',
        target: 'aborting',
        description: 'A domain that cannot be saved ends the update, not the host (S61).',
      },
      on: {
        'lu.cancel': { target: 'aborting', actions: 'noteCancel' },
        'lu.timeout': { target: 'aborting', actions: 'noteTimeout' },
        'lu.fail': { target: 'aborting', actions: 'noteFailure' },
      },
      states: {
        system: {
          description: 'System-wide records come first.',
          meta: { facts: ['R16', 'section 11 rule 3'] },
          on: { 'lu.save.system': { target: 'domains', actions: 'saveGlobals' } },
        },
        domains: {
          description: 'One domain after the other, in any order.',
          meta: { facts: ['R17', 'R18'] },
          always: { guard: 'allSaved', target: 'complete' },
          on: { 'lu.save.domain': { guard: 'maySave', actions: 'saveDomain' } },
        },
        complete: {
          description: 'All records exist; they are written to memory and the array is made.',
          meta: { facts: ['R30', 'R31'] },
          on: { 'lu.save.seal': { target: '#live-update.sealing', actions: 'seal' } },
        },
      },
    },
    sealing: {
      description: 'Does xen#1 agree with itself, and was there memory for the stream?',
      meta: { facts: ['F1.10', 'F1.14', 'Q8'] },
      always: [{ guard: 'isRefused', target: 'aborting' }, { target: 'sealed' }],
    },
    sealed: {
      description: 'The last moment at which the update can be given up.',
      meta: { facts: ['F1.10', 'R32'] },
      on: {
        'lu.jump': {
          target: 'booting',
          actions: 'jump',
          meta: { pointOfNoReturn: true, facts: ['F1.10', 'R32'] },
          description: 'Point of no return: kexec_reloc copies xen#2 and writes the breadcrumb.',
        },
        'lu.cancel': { target: 'aborting', actions: 'noteCancel' },
        'lu.timeout': { target: 'aborting', actions: 'noteTimeout' },
        'lu.fail': { target: 'aborting', actions: 'noteFailure' },
      },
    },
    aborting: {
      description: 'Everything done so far is undone, in the opposite order.',
      meta: { facts: ['PNR-1', 'F1.10'] },
      on: { 'lu.rollback': { target: 'refused', actions: 'rollBack' } },
    },
    refused: {
      description: 'xen#1 runs on as if nothing had been asked; the reasons are known.',
      meta: { facts: ['PNR-1'] },
      on: {
        'lu.request': { target: 'checking', actions: 'check' },
        'kexec.load': [
          { guard: 'imageFits', target: 'loaded', actions: 'load' },
          { actions: 'load', description: 'One more reason (F1.6, F1.7).' },
        ],
        'kexec.load_default': { target: 'idle', actions: 'loadDefault' },
        'kexec.unload': { target: 'idle', actions: 'unload' },
        '*': { guard: 'happens', actions: 'step', description: 'Guests and Xen go on.' },
      },
    },
    booting: {
      description: 'xen#2 runs from bootmem alone.',
      meta: { facts: ['R23', 'R26'] },
      always: { guard: 'hasCrashed', target: 'crashed' },
      on: {
        'xen2.panic': { target: 'crashed', actions: 'panic' },
        'xen2.boot': { target: 'mapping', actions: 'boot' },
      },
    },
    mapping: {
      description: 'Breadcrumb, MFN array, stream: found, checked, mapped.',
      meta: { facts: ['R31', 'R32', 'section 11 rule 1'] },
      always: { guard: 'hasCrashed', target: 'crashed' },
      on: {
        'xen2.panic': { target: 'crashed', actions: 'panic' },
        'xen2.map-stream': { target: 'reserving', actions: 'mapStream' },
      },
    },
    reserving: {
      description: 'All that must survive is reserved; then the heap opens.',
      meta: { facts: ['R22', 'R25', 'R55', 'section 11 rules 2 and 3'] },
      always: [
        { guard: 'hasCrashed', target: 'crashed' },
        {
          guard: 'startsAfresh',
          target: 'rebooted',
          description: 'No breadcrumb after a normal reboot: there is nothing to restore (S29).',
        },
      ],
      on: {
        'xen2.panic': { target: 'crashed', actions: 'panic' },
        'xen2.reserve': { target: 'restoring', actions: 'reserve' },
      },
    },
    restoring: {
      description: 'The passes over all domains (R37 to R40).',
      meta: { facts: ['R36', 'R37', 'R38', 'R39', 'R40'] },
      always: { guard: 'hasCrashed', target: 'crashed' },
      on: {
        'xen2.panic': { target: 'crashed', actions: 'panic' },
        'lu.resume': {
          guard: 'mayResumeEarly',
          actions: 'resume',
          description: 'Only where R3 is dropped (S67).',
        },
      },
      initial: 'pass0a',
      states: {
        pass0a: {
          description: 'Allocate each domain, without what needs more records.',
          meta: { facts: ['R37'] },
          always: { guard: 'pass0aDone', target: 'pass0b' },
          on: { 'restore.0a': { guard: 'mayRestore', actions: 'restore' } },
        },
        pass0b: {
          description: 'What must precede the vCPUs: HAP and the P2M.',
          meta: { facts: ['R37', 'R43', 'section 11 rule 5'] },
          always: { guard: 'pass0bDone', target: 'pass0c' },
          on: { 'restore.0b': { guard: 'mayRestore', actions: 'restore' } },
        },
        pass0c: {
          description: 'The vCPUs, in ascending order, without their state.',
          meta: { facts: ['R37', 'F2.4', 'section 11 rule 6'] },
          always: { guard: 'pass0cDone', target: 'pass1' },
          on: { 'restore.0c': { guard: 'mayRestore', actions: 'restore' } },
        },
        pass1: {
          description: 'Ownership of all pages, and the grant frames: a barrier before any type.',
          meta: { facts: ['R38', 'F8.21', 'section 11 rule 7'] },
          always: { guard: 'pass1Done', target: 'pass2' },
          on: {
            'restore.1': { guard: 'mayRestore', actions: 'restore' },
            'restore.2': {
              guard: 'mayRestore',
              actions: 'restore',
              description: 'Only where the barrier R38 is dropped (S39).',
            },
          },
        },
        pass2: {
          description: 'Everything else: types, grants, event channels, vCPU state.',
          meta: { facts: ['R39', 'section 11 rules 8 to 18'] },
          always: { guard: 'pass2Done', target: 'system' },
          on: { 'restore.2': { guard: 'mayRestore', actions: 'restore' } },
        },
        system: {
          description: 'What refers to several domains, once all exist.',
          meta: { facts: ['section 11 rule 19', 'R34'] },
          on: { 'restore.system': { target: '#live-update.verifying', actions: 'restoreSystem' } },
        },
      },
    },
    verifying: {
      description: 'All counts and pairs are compared before any domain runs.',
      meta: { facts: ['R44', 'section 11 rules 16 and 20'] },
      always: { guard: 'hasCrashed', target: 'crashed' },
      on: {
        'xen2.panic': { target: 'crashed', actions: 'panic' },
        'restore.verify': { target: 'resuming', actions: 'verify' },
      },
    },
    resuming: {
      description: 'Exactly the domains that ran before run again, in any order.',
      meta: { facts: ['R3', 'section 11 rule 21'] },
      always: [
        { guard: 'hasCrashed', target: 'crashed' },
        { guard: 'allResumed', target: 'done' },
      ],
      on: {
        'xen2.panic': { target: 'crashed', actions: 'panic' },
        'lu.resume': { guard: 'mayResume', actions: 'resume' },
      },
    },
    done: {
      description: 'All domains run on xen#2.',
      meta: { facts: ['PNR-2'] },
      on: {
        'lu.settle': {
          target: 'idle',
          actions: 'settle',
          description: 'xen#2 is the running Xen; the next update begins from here.',
        },
        '*': { guard: 'happens', actions: 'step', description: 'Guests and Xen go on.' },
      },
    },
    rebooted: {
      description: 'A Xen that was booted normally, with no domain of the one before.',
      meta: { facts: ['R32', 'S29'] },
      type: 'final',
    },
    crashed: {
      description: 'xen#2 found something inconsistent and stopped the host.',
      meta: { facts: ['R44', 'Q8'] },
      type: 'final',
    },
  },
});
