import type { Host } from '../../src/host/host.ts';
import { intersect } from '../../src/host/ranges.ts';
import { invariant, type Verdict, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { frameName, hex } from '../support/names.ts';
import { countPreserved, forEachPreservedIn } from '../support/preserved.ts';

const audit = (host: Host): Verdict => {
  const a = new Audit();
  a.count(countPreserved(host));
  const { bootmem, image } = host.xen;
  forEachPreservedIn(host, [bootmem, image], (frame, reason, within) => {
    a.offend(frameName(frame), `${reason} in ${within === bootmem ? 'bootmem' : "Xen's image"}`);
  });
  return a.verdict();
};

/** The stream must survive until it is read, so it may not be there either (R30). */
const watch = (): Watcher => {
  const a = new Audit();
  let done = false;
  /** What lay there before anything was saved is no part of this stream (S29). */
  const old = new Set<string>();
  return {
    see: ({ type, host, phase }) => {
      if (phase === 'idle' || phase === 'quiescing')
        for (const frame of Object.keys(host.hardware.content)) old.add(frame);
      if (phase !== 'saving' || done) return;
      for (const frame of Object.keys(host.hardware.content)) {
        if (old.has(frame)) continue;
        const f = Number(frame);
        if (host.hardware.content[f]?.kind !== 'bytes') continue;
        a.count();
        if (intersect([{ start: f, count: 1 }], [host.xen.bootmem]).length === 0) continue;
        done = true;
        a.offend(
          frameName(f),
          `stream or MFN array in bootmem (${hex(host.xen.bootmem.start)}) at ${type}`,
        );
      }
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'MEM-2',
  title: 'Nothing that must survive lies in bootmem',
  says:
    'No page of a domain or of DOMID_XEN, no part of the M2P, no IOMMU table and no page of the ' +
    "stream is in bootmem or in Xen's image, before this update and for the next.",
  why: 'xen#2 boots there: whatever it finds is overwritten (R27, R30, R33).',
  sources: ['MEM-2', 'R27', 'R29', 'R30', 'R33', 'F1.17', 'S25', 'S26', 'S28', 'S43'],
  afterCrash: true,
  host: audit,
  saved: audit,
  watch,
});
