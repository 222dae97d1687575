/** Prints dumps the way Xen's key handlers do, independently of the parser. */

export interface PrintedPage {
  list: 'DomPage' | 'XenPage' | 'ExtraPage';
  mfn: number;
  caf: bigint;
  taf: bigint;
}

export interface PrintedDomain {
  domid: number;
  refcnt: number;
  dying: number;
  pauseCount: number;
  nrPages: number;
  maxPages: number;
  translated: boolean;
  vcpus: number;
  pages: PrintedPage[];
  /** Omit the DomPage list, as Xen does for ten pages and more. */
  tooLong: boolean;
}

export interface PrintedGrant {
  ref: number;
  grantee: number;
  mfn: number;
  pin: number;
  frame: number;
  status: number;
}

export interface PrintedTable {
  granter: number;
  version: number;
  frames: number;
  grants: PrintedGrant[];
}

export interface PrintedPort {
  port: number;
  pending: boolean;
  masked: boolean;
  /** Third field of the bracket as Xen prints it. */
  link: string;
  vcpu: number;
  consumer: number;
  /** From `s=` on, without n and x: state and tail. */
  state: number;
  tail: string;
}

export interface PrintedHost {
  domains: PrintedDomain[];
  tables: PrintedTable[];
  ports: { domid: number; ports: PrintedPort[] }[];
}

const hex = (value: number | bigint, width: number): string =>
  value.toString(16).padStart(width, '0');

export const uuidOf = (domid: number): string => `${hex(domid, 8)}-0000-4000-8000-0123456789ab`;

export const printDomain = (domain: PrintedDomain): string[] => {
  const { domid, pages } = domain;
  const xenPages = pages.filter(({ list }) => list === 'XenPage').length;
  const page = ({ list, mfn, caf, taf }: PrintedPage): string =>
    `    ${list} ${hex(mfn, 16)}: caf=${hex(caf, 8)}, taf=${hex(taf, 16)}`;
  const vcpus = Array.from({ length: domain.vcpus }, (_, id) => [
    `  UNIT${id} affinities: hard={0-3} soft={0-3}`,
    `    VCPU${id}: CPU${id % 4} [has=${id === 0 ? 'T' : 'F'}] poll=0 upcall_pend=00 upcall_mask=01 ${id === 0 ? `dirty_cpu=${id % 4}` : ''}`,
    `    pause_count=${id} pause_flags=${hex(id, 1)}`,
    ...(domain.translated ? ['    paging assistance: hap, 4 levels'] : []),
    id === 1 ? '100 Hz periodic timer (period 10 ms)' : 'No periodic timer',
  ]).flat();
  return [
    `General information for domain ${domid}:`,
    `    refcnt=${domain.refcnt} dying=${domain.dying} pause_count=${domain.pauseCount}`,
    `    nr_pages=${domain.nrPages} xenheap_pages=${xenPages} dirty_cpus={0} max_pages=${domain.maxPages}`,
    `    handle=${uuidOf(domid)} vm_assist=0000002d`,
    ...(domain.translated ? ['    paging assistance: hap refcounts translate external '] : []),
    `Rangesets belonging to domain ${domid}:`,
    '    Interrupts { 1-29, 31 }',
    '    I/O Memory { 0-fedff, fef00-fcfffff }',
    '    I/O Ports  { }',
    '    log-dirty  { }',
    `Memory pages belonging to domain ${domid}:`,
    ...(domain.tooLong
      ? ['    DomPage list too long to display']
      : pages.filter(({ list }) => list === 'DomPage').map(page)),
    ...(domain.translated ? ['    PoD entries=0 cachesize=0'] : []),
    ...pages.filter(({ list }) => list === 'XenPage').map(page),
    ...pages.filter(({ list }) => list === 'ExtraPage').map(page),
    `NODE affinity for domain ${domid}: [0]`,
    `VCPU information and callbacks for domain ${domid}:`,
    ...vcpus,
  ];
};

const padded = (value: number, width: number): string => String(value).padStart(width);

export const printTable = ({ granter, version, frames, grants }: PrintedTable): string[] => [
  '      -------- active --------       -------- shared --------',
  '[ref] localdom mfn      pin          localdom gmfn     flags',
  `grant-table for remote d${granter} (v${version})`,
  `  ${frames} frames (64 max), 0 maptrack frames (1024 max)`,
  ...grants.map(
    ({ ref, grantee, mfn, pin, frame, status }) =>
      `[0x${hex(ref, 3)}]  ${padded(grantee, 5)} 0x${hex(mfn, 5)} 0x${hex(pin, 8)}      ` +
      `${padded(grantee, 5)} 0x${hex(frame, 6)} 0x${hex(status, 2)}`,
  ),
  ...(grants.length === 0 ? ['no active grant table entries'] : []),
];

export const printPort = (port: PrintedPort): string =>
  `    ${padded(port.port, 4)} [${port.pending ? 1 : 0}/${port.masked ? 1 : 0}/${port.link}]: ` +
  `s=${port.state} n=${port.vcpu} x=${port.consumer}${port.tail}`;

export const printQ = (domains: readonly PrintedDomain[]): string[] => [
  "'q' pressed -> dumping domain info (now = 418240565106)",
  ...domains.flatMap(printDomain),
  ...domains.flatMap(({ domid, vcpus }) =>
    Array.from({ length: vcpus }, (_, id) => `Notifying guest ${domid}:${id} (virq 1, port 0)`),
  ),
  'Shared frames 0 -- Saved frames 0',
];

export const printG = (tables: readonly PrintedTable[]): string[] => [
  "gnttab_usage_print_all [ key 'g' pressed",
  ...tables.flatMap(printTable),
  'gnttab_usage_print_all ] done',
];

export const printE = (ports: PrintedHost['ports']): string[] => [
  "'e' pressed -> dumping event-channel info",
  ...ports.flatMap((section) => [
    `Event channel information for domain ${section.domid}:`,
    'Polling vCPUs: {}',
    '    port [p/m/s]',
    ...section.ports.map(printPort),
  ]),
];

export const withPrefix = (lines: readonly string[], prefix = '(XEN) '): string[] =>
  lines.map((line) => `${prefix}${line}`);

/** All three dumps, as `xl dmesg` shows them. */
export const printHost = ({ domains, tables, ports }: PrintedHost, prefix = '(XEN) '): string[] =>
  withPrefix([...printQ(domains), ...printG(tables), ...printE(ports)], prefix);

export const plainDomain = (domid: number, change: Partial<PrintedDomain> = {}): PrintedDomain => ({
  domid,
  refcnt: 3,
  dying: 0,
  pauseCount: 0,
  nrPages: 8192,
  maxPages: 8448,
  translated: false,
  vcpus: 1,
  pages: [
    { list: 'XenPage', mfn: 0x7a25f + domid, caf: 0xc000000000000002n, taf: 0xe400000000000002n },
  ],
  tooLong: true,
  ...change,
});

export const plainPort = (port: number, change: Partial<PrintedPort> = {}): PrintedPort => ({
  port,
  pending: false,
  masked: false,
  link: '  -   ',
  vcpu: 0,
  consumer: 0,
  state: 6,
  tail: '',
  ...change,
});

/** Dom0 and one guest with a grant and a channel between them. */
export const plainHost = (guest: Partial<PrintedDomain> = {}): PrintedHost => ({
  domains: [plainDomain(0, { nrPages: 262144, maxPages: 262144 }), plainDomain(1, guest)],
  tables: [
    { granter: 0, version: 1, frames: 1, grants: [] },
    {
      granter: 1,
      version: 1,
      frames: 1,
      grants: [{ ref: 8, grantee: 0, mfn: 0x13ec28, pin: 2, frame: 0x13ec28, status: 0x19 }],
    },
  ],
  ports: [
    {
      domid: 0,
      ports: [plainPort(1), plainPort(2, { state: 3, tail: ' d=1 p=1' })],
    },
    { domid: 1, ports: [plainPort(1, { state: 3, tail: ' d=0 p=2' })] },
  ],
});
