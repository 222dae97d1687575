/**
 * Rules that the facts imply without numbering each as a requirement: found
 * by asking of every fact what an update without it would do. Part of
 * `rules.ts`; ids as there.
 */
export const DERIVED_RULES = [
  {
    id: 'R10',
    text: 'From the request on the image stays in its slot until the update is over.',
    sources: ['R10', 'F1.11', 'F1.12', 'S10'],
  },
  {
    id: 'R13',
    text: 'The request returns at once; the update happens when all domains are quiescent.',
    sources: ['R13', 'F1.12'],
  },
  {
    id: 'R25',
    text: 'Memory that ends with xen#1, its frame table first, is declared for reuse.',
    sources: ['R25', 'F1.5'],
  },
  {
    id: 'R28',
    text: "Bootmem and xen#1's image are one space; xen#2 takes its top.",
    sources: ['R28', 'R47', 'Q10'],
  },
  {
    id: 'R41',
    text: 'xen#2 lies on 2 MiB, and so does what is left as bootmem.',
    sources: ['R41', 'F1.7'],
  },
  {
    id: 'R32.once',
    text: 'A breadcrumb serves once: xen#2 clears it when it has read the stream.',
    sources: ['R32', 'S29'],
  },
  {
    id: 'F1.3.first-page',
    text: 'No segment of the image lies on the first page of bootmem: that refuses the load.',
    sources: ['F1.3', 'F1.6', 'S29'],
  },
  {
    id: 'F9.6.starved',
    text: 'A vCPU that is paused with an emulation in flight refuses the update.',
    sources: ['F9.6', 'F2.17', 'R12', 'R13'],
  },
  {
    id: 'F4.4.cpupool',
    text: 'A domain that lacks only its move to cpupool0 is not waited for: it is carried.',
    sources: ['F4.4', 'F2.7', 'R13'],
  },
  {
    id: 'F3.16.softirq',
    text: 'Interrupts and INIT-SIPIs that a tasklet holds for a vCPU are delivered first.',
    sources: ['F3.16', 'F9.9'],
  },
  {
    id: 'F8.14.scrub',
    text: 'Every page that xen#2 frees without knowing what it held is scrubbed.',
    sources: ['F8.14', 'R6'],
  },
  {
    id: 'F8.6.levels',
    text: 'The level of every page table is carried, not of the pinned ones only.',
    sources: ['F8.6', 'section 11 rule 9'],
  },
  {
    id: 'F7.9.status',
    text: 'Status frames of v2 grant tables keep their MFN.',
    sources: ['F7.9', 'F7.1', 'I7.5'],
  },
  {
    id: 'F2.4.order',
    text: 'vCPUs are made in ascending order of their ids.',
    sources: ['F2.4', 'section 11 rule 6'],
  },
  {
    id: 'F2.14.refs',
    text: 'Targets and VIRQ handlers hold references to their domains again.',
    sources: ['F2.14', 'F6.14', 'section 11 rule 19'],
  },
  {
    id: 'F3.7.encoding',
    text: 'Progress in registers is read by xen#2 as xen#1 wrote it: the encoding is ABI.',
    sources: ['F3.7', 'F3.4'],
  },
  {
    id: 'F6.6.beyond',
    text: 'Events on ports beyond the FIFO array are carried: only Xen knows of them.',
    sources: ['F6.2', 'F6.6', 'F6.8'],
  },
  {
    id: 'F6.3.suspend',
    text: 'The port by which a guest is told to suspend is carried.',
    sources: ['F6.3', 'F2.24', 'F10.7'],
  },
  {
    id: 'F6.3.poll',
    text: 'What a vCPU polls is carried, or its events would not wake it.',
    sources: ['F6.3', 'F10.7'],
  },
  {
    id: 'F9.4.ports',
    text: 'IOREQ servers keep the ports that their slots name.',
    sources: ['F9.4', 'section 11 rule 13'],
  },
  {
    id: 'F8.20.ioreq',
    text: 'The server behind ioreq_server entries of a P2M is carried.',
    sources: ['F8.20', 'section 11 rule 14'],
  },
  {
    id: 'F10.7.pirqs',
    text: 'Bindings of guest interrupts to host interrupts are carried.',
    sources: ['F10.7', 'section 11 rule 13'],
  },
  {
    id: 'F10.7.permissions',
    text: 'Interrupts, I/O ports and memory that a domain was given stay given.',
    sources: ['F10.7'],
  },
  {
    id: 'F10.7.vcpu-info',
    text: 'vcpu_info and runstate area stay where the guest registered them.',
    sources: ['F10.7', 'F8.4'],
  },
  {
    id: 'F10.5.params',
    text: 'HVM parameters are carried.',
    sources: ['F10.5', 'section 11 rule 15'],
  },
  {
    id: 'F10.6.tsc',
    text: "A guest's TSC goes on from where it was, on the clock of xen#2.",
    sources: ['F10.6', 'F10.12', 'F10.13'],
  },
] as const;
