/**
 * What the completion of a capture may assume. A console dump shows counts
 * and bindings, not memory; everything else that a host needs is one of these
 * and is listed with its number of objects. No text is longer than 75 columns.
 */
export const ASSUMPTIONS = {
  version: 'Xen is 4.17: no source shows its version',
  'nearest-version': 'an older known version describes this Xen: the nearest one',
  'ram-numa': 'RAM is what the NUMA nodes span: the boot log has no memory map',
  'ram-frames': 'RAM ends just beyond the frames seen and needed: no map is shown',
  'ram-outside': 'listed pages outside the memory map are RAM',
  'low-hole': 'frames 0xa0 to 0xff are no RAM',
  'pci-hole': 'frames below 4 GiB that no source shows in use are no RAM',
  cpus: 'CPUs are as many as the dump mentions',
  'image-size': "frames of Xen's image at its base of the boot log",
  'image-place': "Xen's image lies where no known page is, below 4 GiB",
  'image-moved': "known pages lie in Xen's image: it is assumed elsewhere",
  bootmem: 'frames of live-update bootmem below the image, as if booted with it',
  'm2p-frames': 'the M2P fills frames where no known page is',
  'frame-table': "Xen's frame table fills frames where no known page is",
  'low-memory': 'the first MiB is memory of Xen itself',
  'heap-in-use': "used memory that no domain owns is Xen's heap",
  'free-taken': 'pages shown free hold the assumed bootmem and tables',
  'domain-pages': 'pages of domains whose frames are not shown',
  'domain-type': 'translated domains are PVH: no source says PVH or HVM',
  'guest-width': 'PV guests are 64-bit',
  'xen-pages': 'xenheap pages: shared_info first, then grant frames, as listed',
  'xen-pages-missing': 'shared_info or grant frames that no XenPage line shows',
  'xen-pages-other': 'xenheap pages that are neither shared_info nor grant frame',
  'page-tables': 'page tables of PV guests: one L1 entry for each page they own',
  'no-page-tables': 'PV domains that have no pages for page tables: none loaded',
  'listed-tables': 'entries of listed page tables, made to fit the shown counts',
  'descriptor-tables': 'one GDT frame for each vCPU of a started PV guest',
  'm2p-entries': 'pfns and gfns of pages, ascending by frame where not shown',
  'saved-mappings': 'what saved guests had let go of is mapped again, in free slots',
  'registers-cut': 'registers beyond 2^53 that are no address: their low 48 bits',
  'p2m-tables': 'P2M tables of translated domains, of 4 KiB entries',
  'p2m-no-xen-pages': 'shared_info and grant frames are not in the P2M',
  'foreign-maps': 'shown references that nothing explains: mapped by another domain',
  'grant-entries': 'grant frames hold no entry besides those of mapped grants',
  'grant-status': 'shared entries of mapped v2 grants give access to a whole page',
  'maptrack-handles': 'maptrack handles: one for each pin, ascending by granter',
  'maptrack-vcpu': 'handles that are free belong to vCPU 0',
  'port-limit': 'ports may go up to 131071 (hardware domain) or 1023 (others)',
  'port-buckets': 'ports exist in buckets of 128 up to the highest one shown',
  'port-peer-gone': 'inter-domain ports without their other end wait unbound',
  'port-abi': 'domains without ports use the 2-level ABI',
  'xen-consumers': 'Xen-attached ports: IOREQ server in HVM guests, else vm_event',
  'fifo-pages': 'FIFO event arrays and control blocks are pages of the guest',
  'fifo-priorities': 'FIFO ports have priority 7, VIRQ_TIMER 0',
  'fifo-queues': 'linked ports are on queues of the vCPU that the first one notifies',
  'fifo-tails': 'empty FIFO queues have no tail',
  'vcpu-info': 'vcpu_info is in shared_info',
  'vcpu-registers': 'registers are idle values',
  'vcpu-times': 'runstate times and one-shot timers are idle values',
  'vcpu-paused': "vCPU pauses that are not for a shutdown are the controller's",
  'poll-ports': 'vCPUs that poll several ports poll all ports of their domain',
  'controller-pauses': "pauses of live domains are the controller's",
  'never-started': 'paused PV domains that map no xenheap page were never started',
  shutdown: 'domains whose vCPUs are all paused once are shut down',
  'shutdown-code': 'shut-down domains without a shown reason: poweroff',
  teardown: 'how far domain_kill got: as far as what is left of the domain allows',
  emulator: 'IOREQ servers: emulator is the remote end of Xen-attached ports',
  'no-emulator': 'HVM guests without Xen-attached ports have no IOREQ server',
  'ioreq-pages': 'IOREQ pages belong to the guest, outside its page count',
  target: 'domains that emulate for one guest have that guest as target',
  'virq-handlers': 'bound global VIRQs of a domain other than dom0 are registered',
  'hvm-params': 'HVM parameters of translated domains are not shown: none',
  'hvm-params-wide': 'HVM parameters beyond 2^53 are left out',
  tsc: 'TSC modes that no source shows: mode 0',
  'tsc-offset': 'TSC offsets that no source shows: none',
  weight: 'scheduler weights are 256',
  'system-time': 'system time is 0: the dump does not show it',
  'system-idle': 'no tasklet, RCU callback, kexec image or trace buffer exists',
  iommu: 'the IOMMU has one table for each domain that owns devices',
  'iommu-limit': 'pages that the IOMMU maps beyond the first 65536 are left out',
} as const;

export type AssumptionId = keyof typeof ASSUMPTIONS;

/** One assumption that was made, with what it concerns. */
export interface Assumption {
  readonly id: AssumptionId;
  readonly text: string;
  /** Objects that it concerns: pages, ports, vCPUs ... as the text says. */
  readonly count?: number;
  /** Domids, ascending. */
  readonly where?: readonly number[];
}
