/**
 * Which frames each device can reach, and how: what the IOMMU's units find
 * when they walk memory from their root pointer (F8.19, R33). Nothing of Xen
 * is asked: during a hand-over there may be none.
 */
import { numericEntries } from '../../src/host/codec.ts';
import { IOMMU_PTE, P2M_PER_LEAF, P2M_TYPE, p2mFrame, p2mType } from '../../src/host/content.ts';
import { contentOf, type Hardware } from '../../src/host/hardware.ts';

/** Size and a 53-bit digest of a set of (dfn, frame, permission); equal sets have equal ones. */
export interface Reach {
  readonly pages: number;
  readonly digest: number;
}

const READ_WRITE = IOMMU_PTE.read | IOMMU_PTE.write;

/** Permissions that a P2M entry gives to a device, by type (F8.19); MMIO counts as read-write. */
const PERMISSIONS: Readonly<Record<number, number>> = {
  [P2M_TYPE.ram_rw]: READ_WRITE,
  [P2M_TYPE.ram_logdirty]: READ_WRITE,
  [P2M_TYPE.grant_map_rw]: READ_WRITE,
  [P2M_TYPE.map_foreign]: READ_WRITE,
  [P2M_TYPE.mmio_direct]: READ_WRITE,
  [P2M_TYPE.ram_ro]: IOMMU_PTE.read,
  [P2M_TYPE.grant_map_ro]: IOMMU_PTE.read,
};

/** FNV-1a over the three numbers, in two 26-bit halves: order-independent when added up. */
const hash = (dfn: number, frame: number, permission: number): number => {
  let [a, b] = [0x811c9dc5, 0x9e3779b1];
  for (const word of [dfn, frame, permission]) {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul(b ^ (word + 0x7f4a7c15), 0x85ebca6b);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  return ((a >>> 0) & 0x3ffffff) * 2 ** 26 + ((b >>> 0) & 0x3ffffff);
};

const LIMIT = 2 ** 53;
const NOTHING: Reach = { pages: 0, digest: 0 };
const add = (a: Reach, b: Reach): Reach => ({
  pages: a.pages + b.pages,
  digest: (a.digest + b.digest) % LIMIT,
});

// Tables are immutable values, so one that is the same object has the same reach.
const leafReach = new WeakMap<object, Map<number, Reach>>();

const reachOfLeaf = (entries: Uint32Array, index: number): Reach => {
  const known = leafReach.get(entries) ?? new Map<number, Reach>();
  leafReach.set(entries, known);
  const found = known.get(index);
  if (found !== undefined) return found;
  let [pages, digest] = [0, 0];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as number;
    if (entry === 0) continue;
    const permission = PERMISSIONS[p2mType(entry)] ?? 0;
    if (permission === 0) continue;
    pages++;
    digest = (digest + hash(index * P2M_PER_LEAF + i, p2mFrame(entry), permission)) % LIMIT;
  }
  known.set(index, { pages, digest });
  return { pages, digest };
};

const reachOfTable = (hw: Hardware, table: number): Reach => {
  const own = contentOf(hw, table, 'iommu-table');
  if (own !== null) {
    let reach = NOTHING;
    for (const [dfn, entry] of numericEntries(own.entries)) {
      const permission = entry % 4;
      const frame = Math.floor(entry / 4);
      if (permission !== 0) reach = add(reach, { pages: 1, digest: hash(dfn, frame, permission) });
    }
    return reach;
  }
  // Shared with the CPU: the units walk the P2M itself.
  const root = contentOf(hw, table, 'p2m-root');
  if (root === null) return NOTHING;
  return numericEntries(root.leaves).reduce((sum, [index, leaf]) => {
    const content = contentOf(hw, leaf, 'p2m-leaf');
    return content === null ? sum : add(sum, reachOfLeaf(content.entries, index));
  }, NOTHING);
};

/** What each device reaches now, by its name. Empty without an IOMMU. */
export const dmaReach = (hw: Hardware): ReadonlyMap<string, Reach> => {
  const all = new Map<string, Reach>();
  const root = hw.iommuRoot === null ? null : contentOf(hw, hw.iommuRoot, 'iommu-root');
  for (const [device, { table }] of Object.entries(root?.devices ?? {}))
    all.set(device, reachOfTable(hw, table));
  return all;
};
