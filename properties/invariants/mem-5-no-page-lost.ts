import { DOMID_FIRST_RESERVED } from '../../src/host/constants.ts';
import { FLAG } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { endOf, type FrameRange, union } from '../../src/host/ranges.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { frameName } from '../support/names.ts';

/** Where the Xen that runs has put itself: what it says it wrote, and what it keeps for the next. */
const placesOfXen = (host: Host): readonly FrameRange[] =>
  union(
    host.hardware.xenWrites
      .filter(({ instance }) => instance === host.xen.instance)
      .map(({ frames }) => frames),
    [host.xen.bootmem, host.xen.image],
  );

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  const { flags, owner } = after.xen.frames;
  const known = new Uint8Array(flags.length);
  for (const range of placesOfXen(after)) known.fill(1, range.start, endOf(range));
  const was = saved.xen.frames.flags;
  for (let f = 0; f < flags.length; f++) {
    if (((was[f] ?? 0) & FLAG.free) === 0 || known[f] === 1) continue;
    a.count();
    if (((flags[f] as number) & FLAG.free) !== 0) continue;
    if ((owner[f] as number) >= DOMID_FIRST_RESERVED)
      a.offend(() => frameName(f), 'was free at the save, and is neither free nor anybody’s');
  }
  return a.verdict();
};

export default invariant({
  id: 'MEM-5',
  title: 'No page is lost',
  says:
    'A page that was free at the save is free after the update, or lies where xen#2 has put ' +
    'itself, or a domain has taken it since: the pages of the stream go back.',
  why:
    'What one update does not give back no later one finds: after enough updates there is no ' +
    'memory for a stream (R32, R30).',
  sources: ['MEM-5', 'R30', 'R32', 'F8.14'],
  update: compare,
});
