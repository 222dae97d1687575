/** Entries of a translated domain's P2M (F8.18 to F8.20). */
import { numericEntries } from '../../host/codec.ts';
import { P2M_PER_LEAF, P2M_TYPE, p2mEntry, p2mFrame, p2mType } from '../../host/content.ts';
import { FLAG } from '../../host/frame-table.ts';
import { allocatePage } from '../pages/heap.ts';
import { putPage } from '../pages/puts.ts';
import { type Refused, refuse } from '../step.ts';
import { type MutableDomain, type Transaction, withWord } from '../transaction.ts';

export interface P2mEntry {
  readonly frame: number;
  readonly type: number;
}

/** The leaf that covers a gfn, or null: nothing is mapped around there. */
const leafOf = (tx: Transaction, d: MutableDomain, gfn: number): number | null =>
  tx.content(d.p2m?.root ?? null, 'p2m-root')?.leaves[Math.floor(gfn / P2M_PER_LEAF)] ?? null;

/** The entry of a gfn, or null: nothing there. */
export const p2mOf = (tx: Transaction, d: MutableDomain, gfn: number): P2mEntry | null => {
  const word = tx.content(leafOf(tx, d, gfn), 'p2m-leaf')?.entries[gfn % P2M_PER_LEAF] ?? 0;
  return word === 0 ? null : { frame: p2mFrame(word), type: p2mType(word) };
};

const writeEntry = (tx: Transaction, leaf: number, gfn: number, word: number): void => {
  const table = tx.content(leaf, 'p2m-leaf');
  if (table !== null) table.entries = withWord(table.entries, gfn % P2M_PER_LEAF, word);
};

/** Writes an entry; a new leaf comes from the paging pool (F8.22), -ENOMEM without memory. */
export const setP2m = (
  tx: Transaction,
  d: MutableDomain,
  gfn: number,
  entry: P2mEntry,
): Refused | null => {
  const { p2m } = d;
  const root = tx.content(p2m?.root ?? null, 'p2m-root');
  if (p2m === null || root === null) return refuse('EINVAL', `d${d.domid} has no P2M`);
  let leaf = leafOf(tx, d, gfn);
  if (leaf === null) {
    const frame = allocatePage(tx, d, FLAG.pool);
    if (typeof frame !== 'number') return frame;
    tx.hardware.content[frame] = { kind: 'p2m-leaf', entries: new Uint32Array(P2M_PER_LEAF) };
    p2m.tableFrames.push(frame);
    root.leaves[Math.floor(gfn / P2M_PER_LEAF)] = frame;
    leaf = frame;
  }
  writeEntry(tx, leaf, gfn, p2mEntry(entry.frame, entry.type));
  return null;
};

/** Empties an entry; a foreign one drops the general reference that it held (F8.20). */
export const clearP2m = (tx: Transaction, d: MutableDomain, gfn: number): void => {
  const entry = p2mOf(tx, d, gfn);
  const leaf = leafOf(tx, d, gfn);
  if (entry === null || leaf === null || d.p2m === null) return;
  writeEntry(tx, leaf, gfn, 0);
  if (entry.type === P2M_TYPE.map_foreign) {
    if (d.p2m.nrForeign > 0) d.p2m.nrForeign--;
    putPage(tx, entry.frame);
  }
  const { ioreqServer } = d.p2m;
  if (entry.type === P2M_TYPE.ioreq_server && ioreqServer !== null)
    d.p2m.ioreqServer =
      ioreqServer.entries > 1 ? { ...ioreqServer, entries: ioreqServer.entries - 1 } : null;
};

/** Every mapping of the domain, ascending by gfn. */
export const allP2m = (
  tx: Transaction,
  d: MutableDomain,
): { readonly gfn: number; readonly frame: number; readonly type: number }[] => {
  const root = tx.content(d.p2m?.root ?? null, 'p2m-root');
  if (root === null) return [];
  const found: { gfn: number; frame: number; type: number }[] = [];
  for (const [index, leaf] of numericEntries(root.leaves)) {
    const entries = tx.content(leaf, 'p2m-leaf')?.entries ?? new Uint32Array();
    entries.forEach((word, i) => {
      if (word !== 0)
        found.push({ gfn: index * P2M_PER_LEAF + i, frame: p2mFrame(word), type: p2mType(word) });
    });
  }
  return found;
};

/** Gives every entry of type `from` the type `to`: both without references. */
export const changeP2mType = (
  tx: Transaction,
  d: MutableDomain,
  from: number,
  to: number,
): void => {
  const root = tx.content(d.p2m?.root ?? null, 'p2m-root');
  for (const [, leaf] of root === null ? [] : numericEntries(root.leaves)) {
    const table = tx.content(leaf, 'p2m-leaf');
    if (table === null) continue;
    table.entries = table.entries.map((word) =>
      word !== 0 && p2mType(word) === from ? p2mEntry(p2mFrame(word), to) : word,
    );
  }
};
