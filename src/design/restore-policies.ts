/**
 * Answers to the questions about hand-over and restore, Q9 to Q16; the
 * default first. Part of `policies.ts`, which has the rest.
 */
export const RESTORE_POLICIES = {
  Q9: {
    id: 'Q9',
    question: 'When are foreign mappings in a P2M validated, and what if xen#2 refuses one?',
    answers: {
      early:
        'validated when all pages have owners; xen#1 asks before the jump what xen#2 will refuse, and refuses the update (derived)',
      later: 'validated when all pages have owners; one that xen#2 refuses crashes it',
      unmap: 'validated when all pages have owners; one that xen#2 refuses is taken away (derived)',
      trust: 'validated when all pages have owners; nobody asks for a right again (derived)',
      'at-once': 'each foreign entry is validated when the P2M is taken, before any ownership',
    },
    sources: ['Q9', 'R43', 'F8.20'],
  },
  Q10: {
    id: 'Q10',
    question: 'Where is xen#2 placed?',
    answers: {
      'over-xen1': 'over xen#1, growing into bootmem: a place that is known to be good',
      anywhere: 'in any run of free memory that has room for image and bootmem',
    },
    sources: ['Q10', 'R28', 'R41'],
  },
  Q11: {
    id: 'Q11',
    question: 'May live-update bootmem have another size under xen#2?',
    answers: {
      'per-image': "yes: what xen#2's image leaves of the space",
      fixed: 'no: an image that would change it is not loaded',
    },
    sources: ['Q11', 'R28', 'R47'],
  },
  Q12: {
    id: 'Q12',
    question: 'Are domains saved by one thread or by several?',
    answers: {
      single: 'one thread: ascending domids',
      multi: 'several: the blocks of domains come in any order; what each holds is the same',
    },
    sources: ['Q12', 'R17', 'R18'],
  },
  Q13: {
    id: 'Q13',
    question: 'What of device models that run in HVM domains?',
    answers: {
      late: 'they run on until the others are parked, as PV domains do',
      refused: 'a device model outside a PV domain refuses the update',
      'as-any': 'they are parked like any HVM domain, as soon as possible',
    },
    sources: ['Q13', 'A1', 'A2', 'F9.7', 'S7'],
  },
  Q14: {
    id: 'Q14',
    question: 'When are the two ends of an inter-domain channel compared?',
    answers: {
      defer: 'when all ports exist, in the verification; domains in any order',
      order: 'by the end that comes second; domains in ascending order',
      drop: 'not at all',
    },
    sources: ['Q14', 'R40', 'section 11 rule 16', 'S49'],
  },
  Q15: {
    id: 'Q15',
    question: 'Is live-update bootmem separate from the region of the crash kernel?',
    answers: {
      separate: 'yes',
      partition: 'one region, parted when the machine boots: the border stays where it is',
      shared: 'no: loading xen#2 takes the place of the crash kernel',
    },
    sources: ['Q15', 'F1.11'],
  },
  Q16: {
    id: 'Q16',
    question: 'Who restores the domains?',
    answers: {
      xen: 'xen#2 itself, before any domain runs',
      dom0: 'dom0: but it is one of the domains to be restored, and nobody restores it',
    },
    sources: ['Q16', 'R3'],
  },
} as const;

/** See docs/model.md for why. */
export const SAFEST_RESTORE = {
  Q9: 'early',
  Q10: 'over-xen1',
  Q11: 'per-image',
  Q12: 'single',
  Q13: 'late',
  Q14: 'defer',
  Q15: 'separate',
  Q16: 'xen',
} as const;
