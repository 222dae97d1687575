/**
 * One Live Update as a value, and the events that it knows.
 *
 * Before the jump the world is xen#1 (`host`); after it the world is xen#2 in
 * the making (`restoring`), and xen#1's half is dropped from the value: no
 * restore step could look at it.
 */
import type { Design } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import type { Hardware } from '../host/hardware.ts';
import type { Host, Xen } from '../host/host.ts';
import type { XenBuild } from '../host/system.ts';
import type { LuRecord } from '../stream/records/registry.ts';
import type { Crash, Restoring } from './boot.ts';
import type { Obstacle } from './boundary/obstacle.ts';
import type { StreamMemory } from './handover.ts';
import type { Placement } from './placement.ts';
import type { PageIndex } from './save/page-index.ts';

export interface Update {
  readonly design: Design;
  readonly from: XenVersion;
  /** Known once an image is loaded. */
  readonly to: XenVersion | null;
  /** xen#1's host; null after the jump. */
  readonly host: Host | null;
  readonly place: Placement | null;
  readonly obstacles: readonly Obstacle[];
  /** Why the update was refused, cancelled or failed before the jump. */
  readonly refusals: readonly string[];
  readonly records: readonly LuRecord[];
  readonly saved: readonly number[];
  /** Pages by owner, made once for all domains: the host is parked, so it stays true. */
  readonly pages: PageIndex | null;
  readonly stream: Uint8Array | null;
  readonly memory: StreamMemory | null;
  readonly restoring: Restoring | null;
  /** Passes done, by domid: 1 is pass 0a, 5 is pass 2. */
  readonly passes: Readonly<Record<number, number>>;
  readonly resumed: readonly number[];
  readonly crash: Crash | null;
  /** A boot that nobody meant as an update (`kexec.exec`); `fresh`: it found no breadcrumb (S29). */
  readonly normalBoot: { readonly fresh: boolean } | null;
}

export const PASS_EVENTS = [
  'restore.0a',
  'restore.0b',
  'restore.0c',
  'restore.1',
  'restore.2',
] as const;

export type UpdateEvent =
  | {
      /** KEXEC_TYPE_LIVE_UPDATE: an image for an update, into the slot (F1.11). */
      readonly type: 'kexec.load';
      readonly build: XenBuild;
      readonly commandLine: string;
      /** Page of bootmem where its lowest segment lies; default: none before page 1 (F1.6). */
      readonly lowestSegment?: number | undefined;
    }
  | {
      /** KEXEC_TYPE_DEFAULT: a kernel to reboot into, into the same slot (F1.11). */
      readonly type: 'kexec.load_default';
      /** Null: it is no Xen. */
      readonly build: XenBuild | null;
      readonly commandLine: string;
    }
  | { readonly type: 'kexec.unload' }
  | { readonly type: 'kexec.exec' }
  | { readonly type: 'lu.request' }
  | { readonly type: 'lu.park'; readonly domid: number }
  | { readonly type: 'lu.cancel' }
  | { readonly type: 'lu.timeout' }
  | { readonly type: 'lu.fail'; readonly what: string }
  | { readonly type: 'lu.save.system' }
  | { readonly type: 'lu.save.domain'; readonly domid: number }
  | { readonly type: 'lu.save.seal' }
  | { readonly type: 'lu.rollback' }
  | { readonly type: 'lu.jump' }
  | { readonly type: 'xen2.boot' }
  | { readonly type: 'xen2.map-stream' }
  | { readonly type: 'xen2.reserve' }
  | { readonly type: (typeof PASS_EVENTS)[number]; readonly domid: number }
  | { readonly type: 'restore.system' }
  | { readonly type: 'restore.verify' }
  | { readonly type: 'lu.resume'; readonly domid: number }
  | { readonly type: 'xen2.panic'; readonly what: string }
  | { readonly type: 'lu.settle' };

/** An update that has not begun, of this host under this design. */
export const newUpdate = (host: Host, from: XenVersion, design: Design): Update => ({
  design,
  from,
  to: null,
  host,
  place: null,
  obstacles: [],
  refusals: [],
  records: [],
  saved: [],
  pages: null,
  stream: null,
  memory: null,
  restoring: null,
  passes: {},
  resumed: [],
  crash: null,
  normalBoot: null,
});

/** The host as it stands: xen#1's, then xen#2's as far as it is built. */
export const hostOf = (u: Update): Host => {
  if (u.host !== null) return u.host;
  const r = u.restoring as { readonly hardware: Hardware; readonly xen: Xen };
  return { hardware: r.hardware, xen: r.xen };
};

/** One more reason to refuse; one that is known already is no more of one. */
export const note = (u: Update, reason: string): Update =>
  u.refusals.includes(reason) ? u : { ...u, refusals: [...u.refusals, reason] };
