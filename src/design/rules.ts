import { DERIVED_RULES } from './derived-rules.ts';
import { STATE_RULES } from './state-rules.ts';

/**
 * The rules of the design as data. Each can be dropped; the code that a rule
 * governs asks `keeps(design, id)` and, without the rule, does what the fact
 * says would happen. Ids are the facts' own; a rule that the facts imply
 * without numbering it as a requirement bears the id of the fact and a word.
 */
export interface Rule {
  readonly id: string;
  readonly text: string;
  /** Facts that it rests on. */
  readonly sources: readonly string[];
}

export const RULES = [
  {
    id: 'A1',
    text: 'No circle of domains emulates devices for each other: that refuses the update.',
    sources: ['A1', 'A2', 'Q13', 'F9.7', 'S7'],
  },
  {
    id: 'R2',
    text: 'Every domain is paused before anything is saved.',
    sources: ['R2', 'R4'],
  },
  {
    id: 'R3',
    text: 'A domain is unpaused only when everything is restored, and only if it ran before.',
    sources: ['R3', 'R4', 'S67'],
  },
  {
    id: 'R8',
    text: 'Dying domains are preserved as well: others may still map their pages.',
    sources: ['R8', 'F4.6', 'S30'],
  },
  {
    id: 'R12',
    text: 'vCPUs stop at a restartable boundary: no emulation is in flight.',
    sources: ['R12', 'F9.9', 'S1'],
  },
  {
    id: "R12'",
    text: 'Quiescing does not go through domain_shutdown and its shutdown code.',
    sources: ["R12'", 'F2.23', 'S2', 'S3', 'S5'],
  },
  {
    id: 'R14',
    text: 'Domains that run device emulators keep running until the others are parked.',
    sources: ['R14', 'R15', 'S6'],
  },
  {
    id: 'R16',
    text: 'System-wide state is saved: VIRQ handlers, DOMID_XEN shares, clocks.',
    sources: ['R16', 'section 11 rule 19'],
  },
  {
    id: 'R20',
    text: 'Reference counts are rebuilt by xen#2, never copied.',
    sources: ['R20', 'F8.8', 'S20', 'S21'],
  },
  {
    id: 'R22',
    text: 'Pages that belong to domains are reserved before the heap opens.',
    sources: ['R22', 'R55', 'F1.5'],
  },
  {
    id: 'R26',
    text: 'Until the stream is read, xen#2 allocates from bootmem alone.',
    sources: ['R26', 'S24'],
  },
  {
    id: 'R27',
    text: 'Bootmem holds nothing of a domain and nothing that must survive.',
    sources: ['R27', 'F1.4', 'S25'],
  },
  {
    id: 'R29',
    text: 'Init memory freed from the image is bootmem, not heap.',
    sources: ['R29', 'S26'],
  },
  {
    id: 'R30',
    text: 'Stream pages and the MFN array lie outside bootmem.',
    sources: ['R30', 'S28'],
  },
  {
    id: 'R32',
    text: 'The breadcrumb carries a magic that xen#2 checks.',
    sources: ['R32', 'F1.1', 'S29'],
  },
  {
    id: 'R33',
    text: 'IOMMU tables are not in bootmem and stay as they are.',
    sources: ['R33', 'S43'],
  },
  {
    id: 'R34',
    text: 'xen#2 takes the IOMMU over without unmapping anything.',
    sources: ['R34', 'F8.17', 'S42'],
  },
  {
    id: 'R36.1',
    text: 'The event-channel ABI is restored before the ports.',
    sources: ['R36', 'F6.8', 'S46'],
  },
  {
    id: 'R38',
    text: 'Ownership of all domains comes before types, grants and foreign maps.',
    sources: ['R36', 'R38', 'F8.21', 'S39'],
  },
  {
    id: 'R42',
    text: 'The M2P stays in its frames.',
    sources: ['R42', 'F8.15', 'S35'],
  },
  {
    id: 'R44',
    text: 'xen#2 verifies everything before any domain runs.',
    sources: ['R44', 'section 11 rule 20'],
  },
  {
    id: 'R45',
    text: 'Hypercalls in a tasklet complete before the save.',
    sources: ['R45', 'F3.12', 'S12'],
  },
  {
    id: 'R9.refuse',
    text: 'What xen#2 cannot take is refused before the point of no return.',
    sources: ['R9', 'F2.3', 'F10.3', 'S56', 'S63'],
  },
  {
    id: 'F2.26.code',
    text: 'Shutdown state and code are carried; no resume clears them.',
    sources: ['I2.3', 'F2.26', 'S4'],
  },
  {
    id: 'I2.1.pauses',
    text: 'Only the controller pauses and lasting holders are carried, not the sum.',
    sources: ['I2.1', 'S58'],
  },
  {
    id: 'F2.12.dying-last',
    text: 'is_dying is set after pages, grant frames and ports are in place.',
    sources: ['F2.12', 'section 11 rule 11', 'S32'],
  },
  {
    id: 'F3.12.caller',
    text: 'The hypercall that triggers the update is completed before the save.',
    sources: ['F1.12', 'F3.13', 'S11'],
  },
  {
    id: 'F3.17.rcu',
    text: 'RCU callbacks are flushed before the save.',
    sources: ['F3.17', 'F2.15'],
  },
  {
    id: 'F3.18.wait',
    text: 'A vCPU on a wait queue refuses the update.',
    sources: ['F3.18', 'S64'],
  },
  {
    id: 'F6.6.tails',
    text: 'FIFO queue tails and last queues are carried.',
    sources: ['F6.6', 'F6.7', 'S47'],
  },
  {
    id: 'F6.9.priority',
    text: 'Port priorities are restored after the ports.',
    sources: ['F6.9', 'section 11 rule 12'],
  },
  {
    id: 'F6.10.recreate',
    text: 'Ports are re-created by number, not re-bound.',
    sources: ['F6.10', 'F6.11', 'S48'],
  },
  {
    id: 'F6.16.ports',
    text: 'Port numbers are kept: they are the only handle that guests have.',
    sources: ['F6.16', 'F9.4'],
  },
  {
    id: 'F6.3.counts',
    text: 'Active and Xen-attached channels are counted anew from the ports.',
    sources: ['F6.3', 'I6.2'],
  },
  {
    id: 'F6.3.virq',
    text: 'The VIRQ table of each vCPU is rebuilt from the ports.',
    sources: ['F6.3', 'I6.3', 'section 11 rule 13'],
  },
  {
    id: 'F6.12.peers',
    text: 'Peers are compared when all ports exist, not when the first end does.',
    sources: ['F6.12', 'section 11 rule 16', 'Q14', 'S49'],
  },
  {
    id: 'F7.4.handles',
    text: 'Maptrack handles keep their numbers.',
    sources: ['F7.4', 'S53'],
  },
  {
    id: 'F7.5.pins',
    text: 'A handle pins once for the host and once for the device map.',
    sources: ['F7.5', 'S52'],
  },
  {
    id: 'F7.5.type',
    text: 'A writable host map takes a type reference only if the granter is PV.',
    sources: ['F7.5', 'S55'],
  },
  {
    id: 'F7.2.status',
    text: 'Reading and writing bits of shared entries are left to the guests who see them.',
    sources: ['F7.2', 'I7.3'],
  },
  {
    id: 'F7.3.frame',
    text: 'The frame of an active grant is the one of its first pin.',
    sources: ['F7.3'],
  },
  {
    id: 'F7.9.frames',
    text: 'Grant frames keep their MFN and their order.',
    sources: ['F7.9', 'I7.5'],
  },
  {
    id: 'F8.13.mfn',
    text: 'shared_info keeps its MFN.',
    sources: ['F8.13', 'F7.9'],
  },
  {
    id: 'F8.15.m2p-content',
    text: "The M2P's entries are left as xen#1 wrote them.",
    sources: ['F8.15', 'I8.3'],
  },
  {
    id: 'F8.16.l4',
    text: 'An L4 is promoted by xen#2, which writes its own slots, before cr3 takes it.',
    sources: ['F8.16', 'S37'],
  },
  {
    id: 'F8.5.pin',
    text: 'Pinned tables are pinned again, with both references of the pin.',
    sources: ['F8.5'],
  },
  {
    id: 'F8.3.writable',
    text: 'A page is never writable and a page table at once.',
    sources: ['F8.3', 'I8.5'],
  },
  {
    id: 'F9.1.slots',
    text: 'An ioreq slot is never answered or sent by anyone but Xen and the emulator.',
    sources: ['F9.1', 'I9.2'],
  },
  {
    id: 'F10.12.time',
    text: 'System time goes on from where xen#1 left it.',
    sources: ['F10.12', 'S59'],
  },
  {
    id: 'F10.12.timers',
    text: 'Guest timers are carried.',
    sources: ['F10.7', 'F10.12'],
  },
  {
    id: 'F10.9.dying',
    text: 'A dying domain is saved by its own record, not by hvm_save.',
    sources: ['F10.9', 'S61'],
  },
  {
    id: 'F13.7.unsupported',
    text: 'Features that no record carries refuse the update.',
    sources: ['F13.7', 'Q7'],
  },
  ...STATE_RULES,
  ...DERIVED_RULES,
] as const satisfies readonly Rule[];

export type RuleId = (typeof RULES)[number]['id'];
