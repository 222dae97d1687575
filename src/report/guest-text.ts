/** A guest out of its save stream, in words. */
import type { GuestView, HvmView, PvView, VcpuView } from '../check/guest-view.ts';
import { counted, grouped, labelled, wrap } from './text.ts';

const hex = (n: number): string => `0x${n.toString(16)}`;

/** Contradictions and ports beyond these numbers are counted, not shown. */
const SHOWN = 10;
const PORTS = 16;

const ports = (list: readonly number[]): string => {
  const more = list.length > PORTS ? ` and ${grouped(list.length - PORTS)} more` : '';
  return list.length === 0 ? 'none' : `${list.slice(0, PORTS).join(' ')}${more}`;
};

const typeText = (g: GuestView): string => {
  const kind = g.pv === null ? g.type.toUpperCase() : `${g.pv.width}-bit PV, ${g.pv.levels} levels`;
  return `${kind}, ${counted(g.vcpus.length, 'vCPU')}`;
};

const pagesText = ({ pages }: GuestView): string => {
  const types = Object.entries(pages.byType).map(([name, count]) => `${grouped(count)} ${name}`);
  return `${counted(pages.present, 'page')} of ${counted(pages.named, 'pfn')}: ${types.join(', ')}`;
};

const vcpuLines = (v: VcpuView): string[] => {
  const where =
    v.rootPfn === undefined
      ? []
      : [
          v.online === true ? 'online' : 'offline',
          v.inKernel === true ? 'in its kernel' : 'in user mode',
          `root pfn ${hex(v.rootPfn)}`,
          v.userRootPfn == null ? 'no user root' : `user root ${hex(v.userRootPfn)}`,
          `GDT of ${v.gdt?.entries ?? 0} in ${(v.gdt?.pfns ?? []).map(hex).join(' ') || 'no page'}`,
        ];
  const registers = Object.entries(v.registers).map(([name, value]) => `${name} ${value}`);
  return [
    ...(where.length === 0 ? [] : labelled(`vCPU ${v.id}`, where.join(', '))),
    ...labelled(where.length === 0 ? `vCPU ${v.id}` : '', registers.join('  ')),
  ];
};

const tableLines = (pv: PvView): string[] => {
  const entries = pv.tables.reduce((n, t) => n + t.entries.length, 0);
  const pinned = pv.tables.filter((t) => t.pinned).length;
  const refs = Object.entries(pv.references).map(
    ([type, c]) => `${grouped(c.pages)} ${type} (${grouped(c.typeCount)}/${grouped(c.general)})`,
  );
  const idle = pv.idleTables.length === 0 ? '' : `, ${grouped(pv.idleTables.length)} in no use`;
  return [
    ...labelled(
      'Tables',
      `${grouped(pv.tables.length)}, ${grouped(pinned)} pinned${idle}, ` +
        `with ${counted(entries, 'entry', 'entries')}`,
    ),
    ...labelled('References', `by type (sum of type counts/general counts): ${refs.join(', ')}`),
  ];
};

const contradictionLines = (pv: PvView): string[] => {
  if (pv.contradictionCount === 0) return ['Tables and page types agree.'];
  const shown = pv.contradictions.slice(0, SHOWN);
  const more = pv.contradictionCount - shown.length;
  return [
    `Tables contradict the page types (${grouped(pv.contradictionCount)})`,
    ...shown.flatMap(({ text: [where, what] }) => [`  - ${where}`, `  ${what}`]),
    ...(more > 0 ? [`  - and ${grouped(more)} more`] : []),
  ];
};

const pvLines = (pv: PvView): string[] => {
  const { sharedInfo, p2m } = pv;
  const infos = sharedInfo.vcpus.map(
    (v) =>
      `vCPU ${v.id} upcall ${v.upcallPending ? 'pending' : 'not pending'}, ` +
      `${v.upcallMask ? 'masked' : 'unmasked'}, selector ${v.pendingSelector}`,
  );
  return [
    ...labelled(
      'P2M',
      `pfns ${hex(p2m.start)} to ${hex(p2m.end)}, in ${counted(p2m.frames.length, 'page')}`,
    ),
    ...tableLines(pv),
    ...labelled('shared_info', `of ${grouped(sharedInfo.ports)} ports (2-level ABI)`),
    ...labelled('', `pending: ${ports(sharedInfo.pending)}`),
    ...labelled('', `masked: ${ports(sharedInfo.masked)}`),
    ...infos.flatMap((line) => labelled('', line)),
  ];
};

const hvmLines = (hvm: HvmView): string[] => [
  ...labelled(
    'Context',
    hvm.context.map((c) => `${c.name} ${c.instance} (${grouped(c.length)})`).join(', '),
  ),
  ...labelled('Parameters', hvm.params.map((p) => `${p.index}=${p.value}`).join(' ') || 'none'),
];

/** The report of `xen-lu import` for a save stream. */
export const guestText = (g: GuestView): string =>
  [
    ...labelled('Guest', g.stream),
    ...labelled(
      'Saved',
      `libxc stream version ${g.version}, ${g.endian}-endian, ` +
        (g.xen === null ? 'converted from a legacy stream' : `by Xen ${g.xen}`),
    ),
    ...labelled('Type', typeText(g)),
    ...labelled('Pages', pagesText(g)),
    ...(g.pv === null ? [] : pvLines(g.pv)),
    ...g.vcpus.flatMap(vcpuLines),
    ...(g.hvm === null ? [] : hvmLines(g.hvm)),
    ...(g.tsc === null
      ? []
      : labelled(
          'TSC',
          `mode ${g.tsc.mode}, ${grouped(g.tsc.khz)} kHz, ${g.tsc.nsec} ns, ` +
            `incarnation ${g.tsc.incarnation}`,
        )),
    ...labelled(
      'Policies',
      `CPUID ${grouped(g.policyBytes.cpuid)} bytes, MSR ${grouped(g.policyBytes.msr)} bytes`,
    ),
    ...(g.pv === null ? [] : ['', ...contradictionLines(g.pv)]),
    ...(g.remarks.length === 0
      ? []
      : ['', 'Remarks', ...g.remarks.flatMap((r) => wrap(`  - ${r.text}`, 4))]),
  ].join('\n');
