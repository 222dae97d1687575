/** What interrupted MM hypercalls left (F8.7, F8.9); only one answer to Q6 carries it. */
import type { Design } from '../../design/design.ts';
import { numericEntries } from '../../host/codec.ts';
import type { Domain } from '../../host/domain.ts';
import { type FrameTable, ownerOf, typeOf } from '../../host/frame-table.ts';
import { mfn } from '../../host/ids.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';

export const partialTablesRecord = (frames: FrameTable, d: Domain, design: Design): LuRecord[] => {
  if (design.policies.Q6 !== 'carry') return [];
  const tables = numericEntries(frames.partial)
    .filter(([frame]) => ownerOf(frames, frame) === d.domid)
    .map(([frame, state]) => ({
      frame: mfn(frame),
      level: typeOf(frames, frame) as 1 | 2 | 3 | 4,
      validated: state.nrValidatedPtes,
      partialSet: state.partialSet,
    }));
  const old = d.vcpus.flatMap((v) =>
    v.oldGuestTable === null ? [] : [{ vcpu: v.id, ...v.oldGuestTable }],
  );
  return tables.length + old.length === 0 ? [] : [record('PARTIAL_TABLES', { tables, old })];
};
