/**
 * From a parked host to records. Pure: the same host and design give the
 * same records in the same order. Nothing goes in that only xen#1 could
 * understand: no counts, no phase numbers, no pointers, other domains as
 * domids (R17, R19, R20); and nothing that guests hold in their memory (R6).
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import type { XenVersion } from '../../design/versions.ts';
import { numericKeys } from '../../host/codec.ts';
import type { Domain } from '../../host/domain.ts';
import type { Host } from '../../host/host.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';
import { encodeStream } from '../../stream/writer.ts';
import { ioreqServersRecord, pagingPreemptRecord } from './devices.ts';
import { cannotWrite, type SaveError } from './errors.ts';
import { eventChannelRecords } from './event-channels.ts';
import { grantTableRecord, maptrackRecord } from './grants.ts';
import {
  domainRecord,
  hvmParamsRecord,
  permissionsRecord,
  pirqsRecord,
  tscRecord,
} from './identity.ts';
import { domainStateRecord, teardownRecord } from './life.ts';
import { p2mRecord, pageCountsRecord, pagesRecord, xenheapRecord } from './memory.ts';
import { indexPages, type PageIndex, pagesOf } from './page-index.ts';
import { partialTablesRecord } from './partial-tables.ts';
import { saveSystemRecords } from './system.ts';
import { vcpuRecords } from './vcpus.ts';

export { saveSystemRecords } from './system.ts';

/** The domains to save, ascending: all; without R8 (Q3: dropped) those that are not dying. */
export const domidsToSave = (host: Host, design: Design): number[] => {
  const all = keeps(design, 'R8') && design.policies.Q3 !== 'drop';
  return numericKeys(host.xen.domains).filter(
    (id) => all || host.xen.domains[id]?.dying === 'alive',
  );
};

/** hvm_save() refuses a dying domain; only a design that goes through it fails so (F10.9, S61). */
const refusedByHvmSave = (d: Domain, design: Design): boolean =>
  !keeps(design, 'F10.9.dying') && d.type !== 'pv' && d.dying !== 'alive';

/**
 * The block of one domain, DOMAIN to END_OF_DOMAIN, in an order that meets
 * every rule of section 11. `index` serves for all domains of one host.
 * Errors: no such domain; a contradiction in the host that the stream could
 * not carry; -EINVAL where the design saves a dying domain by hvm_save.
 */
export const saveDomainRecords = (
  host: Host,
  domid: number,
  design: Design,
  index: PageIndex = indexPages(host.xen.frames),
): E.Either<SaveError, readonly LuRecord[]> => {
  const d = host.xen.domains[domid];
  if (d === undefined) return E.left({ domid, what: 'no such domain', sources: ['R16'] });
  if (refusedByHvmSave(d, design))
    return E.left({ domid, what: 'hvm_save: -EINVAL, it is dying', sources: ['F10.9', 'S61'] });
  const { frames } = host.xen;
  const owned = pagesOf(index, domid);
  const xenheap = xenheapRecord(frames, d, owned);
  if (E.isLeft(xenheap)) return xenheap;
  return E.right([
    domainRecord(d),
    ...p2mRecord(d),
    pagesRecord(owned),
    xenheap.right,
    ...pageCountsRecord(frames, owned, design),
    permissionsRecord(d, design),
    tscRecord(host, d),
    ...eventChannelRecords(d, design),
    ...pirqsRecord(d, design),
    ...hvmParamsRecord(d, design),
    grantTableRecord(host, d, design),
    maptrackRecord(d, design),
    ...ioreqServersRecord(d, design),
    ...pagingPreemptRecord(d, design),
    ...teardownRecord(host, d, design),
    ...partialTablesRecord(frames, d, design),
    ...vcpuRecords(host, d, design),
    domainStateRecord(d, design),
    record('END_OF_DOMAIN', {}),
  ]);
};

/** All records of a host, one pass over its frames. Errors: as for each domain. */
export const saveRecords = (
  host: Host,
  from: XenVersion,
  design: Design,
): E.Either<SaveError, readonly LuRecord[]> => {
  const index = indexPages(host.xen.frames);
  const records: LuRecord[] = [...saveSystemRecords(host, from, design)];
  for (const domid of domidsToSave(host, design)) {
    const block = saveDomainRecords(host, domid, design, index);
    if (E.isLeft(block)) return block;
    for (const r of block.right) records.push(r);
  }
  return E.right(records);
};

/** The stream of a parked host. Errors: as for `saveRecords`, or a value that fits no field. */
export const saveStream = (
  host: Host,
  from: XenVersion,
  design: Design,
): E.Either<SaveError, Uint8Array> => {
  const records = saveRecords(host, from, design);
  if (E.isLeft(records)) return records;
  const bytes = encodeStream(records.right);
  return E.isLeft(bytes) ? E.left(cannotWrite(bytes.left)) : bytes;
};
