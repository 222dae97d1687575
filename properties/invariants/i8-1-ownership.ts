import { DOMID_INVALID } from '../../src/host/constants.ts';
import { FLAG } from '../../src/host/frame-table.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { frameName, ownerName } from '../support/names.ts';
import { countPreserved, forEachPreservedIn } from '../support/preserved.ts';

/** Owners at the save and after, for every frame of the machine. */
const compareOwners = (a: Audit, { saved, after }: UpdateEvidence): void => {
  const [was, is] = [saved.xen.frames.owner, after.xen.frames.owner];
  const frames = Math.max(was.length, is.length);
  for (let f = 0; f < frames; f++) {
    const [before, now] = [was[f] ?? DOMID_INVALID, is[f] ?? DOMID_INVALID];
    if (before !== now)
      a.offend(
        () => frameName(f),
        () => `owned by ${ownerName(before)} -> ${ownerName(now)}`,
      );
  }
};

/** What a page is to its owner, whatever its type: in the allowance or not, of which pool, broken. */
const KIND = FLAG.allocated | FLAG.xenheap | FLAG.extra | FLAG.pool | FLAG.broken;
const KIND_NAMES = ['allocated', 'xenheap', 'extra', 'pool', 'broken'] as const;

const kindText = (flags: number): string =>
  KIND_NAMES.filter((name) => (flags & FLAG[name]) !== 0).join('+') || 'released';

/** The kinds of all pages that somebody owns. */
const compareKinds = (a: Audit, { saved, after }: UpdateEvidence): void => {
  const { owner, flags } = saved.xen.frames;
  for (let f = 0; f < owner.length; f++) {
    if (owner[f] === DOMID_INVALID) continue;
    const [was, is] = [(flags[f] ?? 0) & KIND, (after.xen.frames.flags[f] ?? 0) & KIND];
    if (was !== is)
      a.offend(
        () => frameName(f),
        () => `${kindText(was)} -> ${kindText(is)}`,
      );
  }
};

/** What xen#2 keeps for itself must not be anybody's: image, bootmem, frametable, heap. */
const compareAllocations = (a: Audit, { saved, after }: UpdateEvidence): void => {
  const { image, bootmem } = after.xen;
  const ranges = [image, bootmem, ...after.xen.private.map((p) => p.frames)];
  forEachPreservedIn(saved, ranges, (frame, reason) => {
    a.offend(frameName(frame), `${reason}, and xen#2 has allocated it`);
  });
};

const compare = (evidence: UpdateEvidence): Verdict => {
  const a = new Audit();
  a.count(countPreserved(evidence.saved));
  compareOwners(a, evidence);
  compareKinds(a, evidence);
  compareAllocations(a, evidence);
  return a.verdict();
};

export default invariant({
  id: 'I8.1',
  title: 'Every page keeps its owner',
  says:
    'Each frame has the owner that it had, DOMID_XEN included, and is what it was to it: in its ' +
    'allowance, extra, of the pool, broken. None that has an owner, or is part of the M2P or of ' +
    'the IOMMU tables, is taken by xen#2 for itself.',
  why: 'A page with another owner is read and written by a domain that it was kept from.',
  sources: ['I8.1', 'R22', 'R55', 'S24', 'S25', 'S30', 'S35'],
  update: compare,
});
