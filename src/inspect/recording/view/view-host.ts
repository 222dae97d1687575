/**
 * The host as the page shows it: a compact view, row by row. Parts of a host
 * that a step did not touch are shared between hosts, so their rows are kept
 * by identity and a step costs what changed in it.
 */
import { numericEntries } from '../../../host/codec.ts';
import type { Domain } from '../../../host/domain.ts';
import type { FrameTable } from '../../../host/frame-table.ts';
import type { Hardware } from '../../../host/hardware.ts';
import type { Host } from '../../../host/host.ts';
import type { FrameRange } from '../../../host/ranges.ts';
import type { Tasklet } from '../../../host/system.ts';
import { hostOf } from '../../../liveupdate/update.ts';
import type { World } from '../../../world/world.ts';
import { type HostView, type Row, TABLES, type TableName } from '../recording.ts';
import { domainRow, updateOf, vcpuRow } from './domain-rows.ts';
import { grantRows, handleRows, portRows, type Rows, requestRows } from './link-rows.ts';
import { pageRows } from './page-rows.ts';
import { hex } from './words.ts';

/** Rows of one kind that a domain may add; the rest is counted in its domain row. */
const MAX_ROWS_OF_A_DOMAIN = 512;

type PerDomain = Readonly<Record<Exclude<TableName, 'host' | 'tasklets' | 'pages'>, Rows>>;

const capped = (rows: Rows): Rows => {
  const entries = Object.entries(rows);
  return entries.length <= MAX_ROWS_OF_A_DOMAIN
    ? rows
    : Object.fromEntries(entries.slice(0, MAX_ROWS_OF_A_DOMAIN));
};

const rowsOf = (host: Host, d: Domain): PerDomain => ({
  domains: { [`d${d.domid}`]: domainRow(d) },
  vcpus: Object.fromEntries(d.vcpus.map((v) => [`d${d.domid}v${v.id}`, vcpuRow(d, v)])),
  ports: capped(portRows(host, d)),
  grants: capped(grantRows(d)),
  handles: capped(handleRows(d)),
  requests: requestRows(host.hardware, d),
});

const rangeText = (r: FrameRange): string =>
  r.count === 0 ? 'none yet' : `${hex(r.start)} to ${hex(r.start + r.count - 1)}`;

const hostRow = (w: World, host: Host): Row => {
  const { xen } = host;
  const running = w.host === null ? `xen#2 (Xen ${w.to?.id ?? '?'})` : `xen#1 (Xen ${w.from.id})`;
  return {
    'runs on': running,
    image: rangeText(xen.image),
    bootmem: rangeText(xen.bootmem),
    ...(xen.system.kexec.default === null ? {} : { 'image loaded': true }),
    ...(w.obstacles.length === 0
      ? {}
      : { 'waits for': w.obstacles.map((o) => `${o.where}: ${o.what}`).join('; ') }),
    ...(w.refusals.length === 0 ? {} : { 'given up because': w.refusals.join('; ') }),
    ...(w.records.length === 0 ? {} : { 'records saved': w.records.length }),
    ...(w.stream === null ? {} : { 'bytes of the stream': w.stream.length }),
    ...(w.crash === null ? {} : { crash: w.crash.what }),
    ...(xen.system.rcu.length === 0 ? {} : { 'RCU callbacks': xen.system.rcu.length }),
  };
};

const taskletRow = (t: Tasklet): Row => ({
  work: t.work,
  ...(t.vcpu === null ? {} : { for: `d${t.vcpu.domid}v${t.vcpu.vcpu}` }),
  ...(t.scheduledOn === null ? {} : { 'queued on CPU': t.scheduledOn }),
  running: t.running,
});

/** Makes views, remembering the rows of what does not change. */
export class Viewer {
  #domains = new WeakMap<
    Domain,
    { readonly content: Hardware['content']; readonly rows: PerDomain }
  >();
  #pages = new WeakMap<FrameTable, Record<string, Row>>();

  #of(host: Host, d: Domain): PerDomain {
    const known = this.#domains.get(d);
    const { content } = host.hardware;
    if (known !== undefined && known.content === content) return known.rows;
    const rows = rowsOf(host, d);
    this.#domains.set(d, { content, rows });
    return rows;
  }

  #pagesOf(frames: FrameTable): Record<string, Row> {
    const known = this.#pages.get(frames) ?? pageRows(frames);
    this.#pages.set(frames, known);
    return known;
  }

  view(w: World): HostView {
    const host = hostOf(w);
    const view = Object.fromEntries(TABLES.map((t) => [t, {}])) as Record<TableName, Rows>;
    view.host.host = hostRow(w, host);
    for (const [domid, d] of numericEntries(host.xen.domains)) {
      const rows = this.#of(host, d);
      const row = rows.domains[`d${domid}`] ?? {};
      view.domains[`d${domid}`] = { ...row, ...updateOf(w, domid) };
      for (const table of ['vcpus', 'ports', 'grants', 'handles', 'requests'] as const)
        Object.assign(view[table], rows[table]);
    }
    for (const t of host.xen.system.tasklets) view.tasklets[`tasklet ${t.id}`] = taskletRow(t);
    view.pages = this.#pagesOf(host.xen.frames);
    return view;
  }
}
