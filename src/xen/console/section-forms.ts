/**
 * The lines of every dump that is read, by the key that prints it. Formats
 * are those of Xen 4.11 to 4.20; where releases differ both are listed.
 */
import { type Form, form } from './form.ts';

/** Key `q`: domain information. */
export const DOMAIN_FORMS = [
  form('general', 'General information for domain <dec>:'),
  form('refs', 'refcnt=<int> dying=<dying> pause_count=<int>'),
  // Sharing and paging counters are build options since 4.16.
  form('counts', 'nr_pages=<dec> xenheap_pages=<dec> dirty_cpus={<set>} max_pages=<dec>'),
  form(
    'countsShared',
    'nr_pages=<dec> xenheap_pages=<dec> shared_pages=<dec> dirty_cpus={<set>} max_pages=<dec>',
  ),
  form(
    'countsPaged',
    'nr_pages=<dec> xenheap_pages=<dec> paged_pages=<dec> dirty_cpus={<set>} max_pages=<dec>',
  ),
  form(
    'countsBoth',
    'nr_pages=<dec> xenheap_pages=<dec> shared_pages=<dec> paged_pages=<dec> ' +
      'dirty_cpus={<set>} max_pages=<dec>',
  ),
  form('handle', 'handle=<uuid> vm_assist=<long>'),
  form('watchdog', 'watchdog <dec> expires in <int> seconds', 'spare'),
  form('vcpuPaging', 'paging assistance: <levels>'),
  form('domainPaging', 'paging assistance: <paging>'),
  form('rangesets', 'Rangesets belonging to domain <dec>:', 'spare'),
  form('noRangesets', 'None', 'decor'),
  form('interrupts', 'Interrupts {<decRanges> }', 'spare'),
  form('ioMemory', 'I/O Memory {<hexRanges> }', 'spare'),
  form('ioPorts', 'I/O Ports {<hexRanges> }', 'spare'),
  form('logDirty', 'log-dirty {<hexRanges> }', 'spare'),
  form('memoryPages', 'Memory pages belonging to domain <dec>:', 'spare'),
  form('tooLong', 'DomPage list too long to display'),
  form('domPage', 'DomPage <quad>: caf=<long>, taf=<quad>'),
  form('xenPage', 'XenPage <quad>: caf=<long>, taf=<quad>'),
  form('extraPage', 'ExtraPage <quad>: caf=<long>, taf=<quad>'),
  form('pod', 'PoD entries=<int> cachesize=<int>'),
  form('nodeAffinity', 'NODE affinity for domain <dec>: [<set>]', 'spare'),
  form('vcpus', 'VCPU information and callbacks for domain <dec>:', 'spare'),
  form('unit', 'UNIT<dec> affinities: hard={<set>} soft={<set>}', 'spare'),
  form('vcpuAffinity', 'cpu_hard_affinity={<set>} cpu_soft_affinity={<set>}', 'spare'),
  form(
    'vcpuDirty',
    'VCPU<dec>: CPU<dec> [has=<yes>] poll=<int> upcall_pend=<byte> upcall_mask=<byte> ' +
      'dirty_cpu=<dec>',
  ),
  form('vcpu', 'VCPU<dec>: CPU<dec> [has=<yes>] poll=<int> upcall_pend=<byte> upcall_mask=<byte>'),
  form('vcpuPause', 'pause_count=<int> pause_flags=<hex>'),
  form('noTimer', 'No periodic timer'),
  form('timer', '<dec> Hz periodic timer (period <dec> ms)'),
  form('notify', 'Notifying guest <dec>:<dec> (virq 1, port <dec>)', 'spare'),
  form('sharedFrames', 'Shared frames <dec> -- Saved frames <dec>', 'decor'),
] as const;

/** Key `g`: grant tables. */
export const GRANT_FORMS = [
  form('row', '[0x<ref>] <dec> 0x<mfn> 0x<word> <dec> 0x<frame> 0x<half>'),
  form('banner', '-------- active -------- -------- shared --------', 'decor'),
  form('columns', '[ref] localdom mfn pin localdom gmfn flags', 'decor'),
  form('table', 'grant-table for remote d<dec> (v<dec>)'),
  form('sizes', '<dec> frames (<dec> max), <dec> maptrack frames (<dec> max)'),
  form('none', 'no active grant table entries', 'decor'),
  form('done', 'gnttab_usage_print_all ] done'),
] as const;

/** Key `e`: event channels. */
export const PORT_FORMS = [
  form('ipi', '<dec> [<bit>/<bit>/<link>]: s=6 n=<dec> x=<dec><label>'),
  form('interdomain', '<dec> [<bit>/<bit>/<link>]: s=3 n=<dec> x=<dec> d=<dec> p=<dec><label>'),
  form('virq', '<dec> [<bit>/<bit>/<link>]: s=5 n=<dec> x=<dec> v=<dec><label>'),
  form('pirq', '<dec> [<bit>/<bit>/<link>]: s=4 n=<dec> x=<dec> p=<dec> i=<int><label>'),
  form('unbound', '<dec> [<bit>/<bit>/<link>]: s=2 n=<dec> x=<dec> d=<dec><label>'),
  form('reserved', '<dec> [<bit>/<bit>/<link>]: s=1 n=<dec> x=<dec><label>'),
  form('ports', 'Event channel information for domain <dec>:'),
  form('polling', 'Polling vCPUs: {<set>}', 'spare'),
  form('columns', 'port [p/m/s]', 'decor'),
] as const;

type NameOf<Forms extends readonly Form<string>[]> = Forms[number]['name'];
export type DomainForm = NameOf<typeof DOMAIN_FORMS>;
export type GrantForm = NameOf<typeof GRANT_FORMS>;
export type PortForm = NameOf<typeof PORT_FORMS>;

/** Key `u`: NUMA. */
export const NUMA_FORMS = [
  form('node', 'NODE<dec> start-><dec> size-><dec> free-><dec>', 'spare'),
  form('cpus', 'CPU<dec>...<dec> -> NODE<dec>', 'spare'),
  form('cpu', 'CPU<dec> -> NODE<dec>', 'spare'),
  form('domain', 'Domain <dec> (total: <dec>):', 'spare'),
  // %pd, since 4.18
  form('shortDomain', 'd<dec> (total: <dec>):', 'spare'),
  form('share', 'Node <dec>: <dec>', 'spare'),
] as const;

/** Key `H`: free pages by node and zone. */
export const HEAP_FORMS = [
  form('zone', 'heap[node=<dec>][zone=<dec>] -> <dec> pages', 'spare'),
] as const;

/** Key `m`: free memory by zone. */
export const MEMORY_FORMS = [
  form('xenHeap', 'Xen heap: <dec>kB free', 'spare'),
  form('dmaHeap', 'DMA heap: <dec>kB free', 'spare'),
  form('zone', 'heap[<zone>]: <dec>kB free', 'spare'),
  form('domHeap', 'Dom heap: <dec>kB free', 'spare'),
] as const;

/** Key `s`: time stamp counters. */
export const TSC_FORMS = [
  form('tsc', 'dom<dec><hvm>: mode=<dec><ofs><khz><inc><counts>', 'spare'),
] as const;
