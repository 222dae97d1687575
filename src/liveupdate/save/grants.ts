/** Grants given (GRANT_TABLE) and grants mapped (MAPTRACK). */
import { type Design, keeps } from '../../design/design.ts';
import { numericEntries } from '../../host/codec.ts';
import type { Domain } from '../../host/domain.ts';
import type { Host } from '../../host/host.ts';
import { grantRef, maptrackHandle, vcpuId } from '../../host/ids.ts';
import { type BodyOf, type LuRecord, record } from '../../stream/records/registry.ts';
import { activeFrame } from './active-frame.ts';

/** Active entries without their pins: xen#2 counts these from the maptracks (I7.1). */
export const grantTableRecord = (host: Host, d: Domain, design: Design): LuRecord =>
  record('GRANT_TABLE', {
    version: d.grants.version,
    maxFrames: d.grants.maxFrames,
    maxMaptrackFrames: d.grants.maxMaptrackFrames,
    active: numericEntries(d.grants.active).map(([ref, a]) => ({
      ref: grantRef(ref),
      domid: a.domid,
      frame: activeFrame(host, d, ref, a.frame, design),
      start: a.start,
      length: a.length,
      transitive: a.transitive,
    })),
  });

type Maptrack = BodyOf<'MAPTRACK'>;

const maptrackOf = ({ grants }: Domain): Maptrack => ({
  limit: grants.maptrackLimit,
  entries: numericEntries(grants.maptrack).map(([handle, m]) => ({
    handle: maptrackHandle(handle),
    granter: m.granter,
    ref: m.ref,
    flags: m.flags,
    vcpu: vcpuId(m.vcpu),
  })),
  free: grants.maptrackFree.map((handles) => Uint32Array.from(handles)),
});

/**
 * Handles numbered anew without gaps, as a save that takes them for internal
 * would do. The guest still unmaps by the old ones (S53).
 */
const compacted = ({ limit, entries, free }: Maptrack): Maptrack => {
  const left = Uint32Array.from(
    { length: Math.max(0, limit - entries.length) },
    (_, i) => entries.length + i,
  );
  return {
    limit,
    entries: entries.map((e, i) => ({ ...e, handle: maptrackHandle(i) })),
    free: free.map((_, vcpu) => (vcpu === 0 ? left : new Uint32Array(0))),
  };
};

export const maptrackRecord = (d: Domain, design: Design): LuRecord => {
  const maptrack = maptrackOf(d);
  return record('MAPTRACK', keeps(design, 'F7.4.handles') ? maptrack : compacted(maptrack));
};
