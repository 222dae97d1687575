/**
 * Every requirement R of the design, every ordering rule of section 11 and
 * every assumption, and where the model has it: a rule that can be dropped, a
 * question that can be answered otherwise, or the reason why it is neither.
 */
import type { PolicyId } from './policies.ts';
import type { RuleId } from './rules.ts';

export interface Requirement {
  /** `R12`, `A1`, or `order 7` for rule 7 of section 11. */
  readonly id: string;
  readonly text: string;
  readonly rules?: readonly RuleId[];
  readonly questions?: readonly PolicyId[];
  /** Why nothing can be dropped; beside rules: what of it they do not have. */
  readonly because?: string;
}

const r = (
  id: string,
  text: string,
  rules: readonly RuleId[],
  more: Pick<Requirement, 'questions' | 'because'> = {},
): Requirement => ({ id, text, rules, ...more });

const neither = (id: string, text: string, because: string): Requirement => ({
  id,
  text,
  because,
});

export const REQUIREMENTS: readonly Requirement[] = [
  r('A1', 'device emulators run in PV domains only', ['A1'], { questions: ['Q13'] }),
  neither('A2', 'PVH domains without emulation are easy', 'an expectation; the model has them'),
  neither('R1', 'four parts: trigger, save, hand over, restore', 'the order of the chart itself'),
  r('R2', 'every domain is paused before the save', ['R2']),
  r('R3', 'unpaused only when all is restored, and only if it ran', ['R3']),
  r('R4', 'no domain changes another while state is saved or restored', ['R2', 'R3'], {
    because: 'the purpose of both',
  }),
  r('R5', 'no domain is expected to take part', ["R12'"], {
    questions: ['Q1'],
    because: 'invariant R5: quiescing takes no host down',
  }),
  r('R6', 'memory of guests is not in the stream but stays in place', ['R22', 'F8.14.scrub'], {
    because: 'no record could carry it; I8.4 looks at every page',
  }),
  neither(
    'R7',
    'backends, emulators and xenstored are not re-created',
    'they are in domains, which are restored; nothing of them is in the model of Xen',
  ),
  r('R8', 'dying domains are preserved', ['R8', 'F2.12.dying-last', 'F10.9.dying'], {
    questions: ['Q3'],
  }),
  r('R9', 'versions are unordered', ['R9.refuse'], { questions: ['Q7'] }),
  r('R10', 'the kexec interface prepares, loads and triggers', ['R10', 'F1.3.first-page']),
  neither(
    'R11',
    'the trigger comes from outside the hypervisor',
    'an event of nobody in the model',
  ),
  r('R12', 'vCPUs stop at a restartable boundary', ['R12', 'F9.6.starved', 'F3.18.wait'], {
    questions: ['Q1'],
  }),
  r("R12'", 'not through domain_shutdown and its code', ["R12'", 'F2.26.code'], {
    questions: ['Q1'],
  }),
  r('R13', 'the update happens later than the request', ['R13', 'F3.12.caller']),
  r('R14', 'domains that emulate run on until the save', ['R14'], { questions: ['Q13'] }),
  r('R15', 'all PV domains run on while others are paused', ['R14'], {
    because: 'a PV domain that emulates nothing may stop at any time: no loss shows',
  }),
  r('R16', 'each domain and all system-wide state is saved', ['R16', 'F2.14.refs']),
  neither(
    'R17',
    'each domain is saved by itself, others named by domid',
    'the types of the records hold nothing else',
  ),
  neither('R18', 'saved one after another, later by threads', 'Q12, where both hold'),
  r('R19', 'no dump of internal structures', ['R20', 'F6.2.consumer'], {
    because: 'the records of the stream have no other',
  }),
  r('R20', 'page_info is re-created, not copied', ['R20'], { questions: ['Q6'] }),
  neither(
    'R21',
    'hypercalls are stable across versions',
    'out of scope of the design; what is known to differ is R9.refuse (F3.8, F3.9)',
  ),
  r('R22', 'xen#2 uses no page of a guest', ['R22']),
  r('R23', 'regions are reserved for the boot allocator', ['R26', 'R27']),
  r('R24', 'one region lies directly below the image', ['R28', 'R32'], {
    because: 'without it no image has a place, and the load is refused',
  }),
  r('R25', 'further regions are listed in the stream', ['R25']),
  r('R26', 'nothing outside them before the stream is read', ['R26']),
  r('R27', 'bootmem holds nothing that must survive', ['R27']),
  r('R28', 'bootmem and image are one space, xen#2 at its top', ['R28'], { questions: ['Q10'] }),
  r('R29', 'init memory of the image is bootmem', ['R29']),
  r('R30', 'stream pages lie outside bootmem', ['R30']),
  neither(
    'R31',
    'the MFN array is contiguous, the data pages need not be',
    'shows from 512 stream pages on (2 MiB), more than a searched host has',
  ),
  r('R32', 'a breadcrumb says where the array is', ['R32', 'R32.once', 'F1.3.first-page']),
  r('R33', 'IOMMU mappings stay, their tables not in bootmem', ['R33']),
  r('R34', 'no mapping becomes invalid even briefly', ['R34']),
  r('R35', 'interrupts are generated on resume', ['R35', 'F3.16.softirq', 'F10.7.pirqs']),
  r('R36', 'passes for dependencies', ['R36.1', 'R36.2', 'R38']),
  r('R37', 'pass 0: creation, P2M, vCPUs', ['R37', 'F2.4.order']),
  r('R38', 'pass 1: ownership and grant frames', ['R38', 'F7.9.frames', 'F7.9.status']),
  r('R39', 'pass 2: everything else', [], {
    because: 'each thing restored there has its own rule (F3, F6, F7, F8, F9, F10)',
  }),
  r('R40', 'no dependency within a pass', ['F6.12.peers', 'R38'], { questions: ['Q14'] }),
  r('R41', 'xen#2 lies on 2 MiB, maybe lower', ['R41']),
  r('R42', 'the M2P stays where it is', ['R42', 'F8.15.m2p-content']),
  r('R43', 'the P2M is transferred as it is', ['F8.20.foreign', 'F8.23.logdirty', 'F8.20.ioreq'], {
    questions: ['Q9'],
  }),
  r('R44', "xen#1's state is trusted to a degree, xen#2 crashes", ['R44'], {
    questions: ['Q8'],
    because: 'alone its loss breaks nothing: it guards against other faults',
  }),
  r('R45', 'tasklet hypercalls complete before the save', ['R45', 'F3.12.caller'], {
    questions: ['Q2'],
  }),
  neither('R47', 'the option of xen#2 need not equal that of xen#1', 'Q11 answers it'),
  r('R50', 'pause, mask interrupts, serialise, jump', ['R2', 'R35'], {
    because: 'the order of the chart',
  }),
  r('R51', 'domain and hardware state are kept, Xen is exchanged', ['R33', 'R34', 'R35']),
  neither('R52', 'what is handed over is an ABI', 'frozen by golden vectors and docs/stream.md'),
  neither(
    'R53',
    'domids stay',
    'records name domains by domid alone: another number would be another domain',
  ),
  neither('R54', 'a deliberate action, no reaction to a crash', 'who asks is not modelled'),
  r('R55', 'preserved pages are reserved before any allocation', ['R22', 'R26']),
  r('order 1', 'breadcrumb, then stream, then other memory', ['R26', 'R32']),
  r('order 2', 'reservations before the heap', ['R22', 'R33', 'R42']),
  neither('order 3', 'global records before domains', 'the writer refuses anything else'),
  neither(
    'order 4',
    'struct domain before owners',
    'an owner is looked up: pass 1 has nobody else',
  ),
  r('order 5', 'P2M before vCPUs', ['R37']),
  r('order 6', 'vCPUs ascending', ['F2.4.order']),
  r('order 7', 'ownership of all before types, pins, foreign maps', ['R38', 'R36.2']),
  r('order 8', 'grant frames before pins', ['F7.9.frames', 'F7.9.status', 'R38']),
  r('order 9', 'page tables: targets first, slots before cr3', ['F8.6.levels', 'F8.16.l4']),
  r('order 10', 'types before FIFO pages and vcpu_info are mapped', [], {
    because:
      'types exclude each other: where both can be taken at all, either order takes both; ' +
      'where not, F8.3.writable',
  }),
  r('order 11', 'is_dying last', ['F2.12.dying-last']),
  r('order 12', 'ABI, ports, priorities, queues', ['R36.1', 'F6.9.priority', 'F6.6.tails']),
  r('order 13', 'ports before what names them', ['F6.3.virq', 'F9.4.ports', 'F6.3.suspend']),
  r('order 14', 'IOREQ servers before their P2M entries', ['F8.20.ioreq']),
  r('order 15', 'HVM parameters before the context', ['F10.5.params'], {
    because: 'only that they are there: one register file stands for the context',
  }),
  r('order 16', 'pairs are compared when all ports exist', ['F6.12.peers'], {
    questions: ['Q14'],
  }),
  r('order 17', 'IOMMU untouched, interrupts before unpause', ['R34', 'R35']),
  r('order 18', 'clock before timers, timers before unpause', ['F10.12.time', 'F10.12.timers']),
  r('order 19', 'handlers, targets, shares when all domains exist', ['R16', 'F2.14.refs']),
  r('order 20', 'verification before any domain runs', ['R44', 'R3']),
  r('order 21', 'unpause in any order', ['R3'], { because: 'the search takes every order' }),
];
