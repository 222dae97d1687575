import { numericKeys } from '../../src/host/codec.ts';
import { INVALID_M2P_ENTRY } from '../../src/host/constants.ts';
import type { PageContent } from '../../src/host/content.ts';
import { diffContents } from '../../src/host/diff.ts';
import { FLAG, hasFlag, typeOf } from '../../src/host/frame-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import { PGT } from '../../src/host/page-type.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { frameName, hex } from '../support/names.ts';
import { forEachPreservedIn, preservedBy } from '../support/preserved.ts';

const describe = (was: PageContent | undefined, is: PageContent | undefined): string => {
  if (was === undefined) return `${is?.kind ?? 'data'} was written into it`;
  if (is === undefined) return `its ${was.kind} is gone`;
  const [first] = diffContents(was, is);
  return `${was.kind} differs at ${first?.path ?? 'its kind'}`;
};

/** Contents that the model knows, frame by frame. */
const compareContents = (a: Audit, { saved, after }: UpdateEvidence): void => {
  const reason = preservedBy(saved);
  const [was, is] = [saved.hardware.content, after.hardware.content];
  for (const f of new Set([...numericKeys(was), ...numericKeys(is)])) {
    const why = reason(f);
    if (why === null) continue;
    a.count();
    if (was[f] === is[f]) continue;
    const [x, y] = [was[f], is[f]];
    if (x === undefined || y === undefined || diffContents(x, y).length > 0)
      a.offend(frameName(f), `${why}: ${describe(x, y)}`);
  }
};

/** Hypervisor data over a page that had to stay destroys it, known content or not. */
const compareWrites = (a: Audit, { saved, after }: UpdateEvidence): void => {
  for (const write of after.hardware.xenWrites)
    forEachPreservedIn(saved, [write.frames], (frame, reason) => {
      a.offend(frameName(frame), `${reason}, overwritten by xen#${write.instance} (${write.use})`);
    });
};

/** The M2P is content of its own frames: an entry for each frame that has an owner. */
const compareM2p = (a: Audit, { saved, after }: UpdateEvidence): void => {
  const [was, is] = [saved.hardware.m2p.entries, after.hardware.m2p.entries];
  if (was === is) return;
  const reason = preservedBy(saved);
  for (let f = 0; f < was.length; f++) {
    const [x, y] = [was[f] as number, is[f] ?? INVALID_M2P_ENTRY];
    if (x !== y && reason(f) !== null) a.offend(`M2P of ${frameName(f)}`, `${hex(x)} -> ${hex(y)}`);
  }
};

/** Each validated L4 leads to the tables of the Xen that runs (F8.16). */
const checkXenSlots = (a: Audit, host: Host): void => {
  const { frames, instance } = host.xen;
  for (const f of numericKeys(host.hardware.content)) {
    if (typeOf(frames, f) !== PGT.l4 || !hasFlag(frames, f, FLAG.validated)) continue;
    const table = contentOf(host.hardware, f, 'pagetable');
    if (table === null) continue;
    a.count();
    if (table.xenSlots !== instance)
      a.offend(
        frameName(f),
        `an L4 with slots of xen#${table.xenSlots ?? 0}, and xen#${instance} runs`,
      );
  }
};

const compare = (evidence: UpdateEvidence): Verdict => {
  const a = new Audit();
  compareContents(a, evidence);
  compareWrites(a, evidence);
  compareM2p(a, evidence);
  if (evidence.outcome === 'resumed') checkXenSlots(a, evidence.after);
  return a.verdict();
};

export default invariant({
  id: 'I8.4',
  title: 'What is in preserved memory stays as it is',
  says:
    'Pages of domains and of DOMID_XEN, the M2P and the IOMMU tables hold after the update what ' +
    "they held. Only the slots of each L4 that are Xen's lead to xen#2's tables then.",
  why:
    'The stream carries no memory of guests (R6): what is overwritten is lost. And an L4 that ' +
    "still leads to xen#1's tables takes the machine down when it is loaded (F8.16).",
  sources: ['I8.4', 'R6', 'R22', 'R26', 'R27', 'F8.16', 'S24', 'S25', 'S26', 'S37'],
  afterCrash: true,
  update: compare,
});
