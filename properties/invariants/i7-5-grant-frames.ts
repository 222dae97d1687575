import type { GrantTable } from '../../src/host/grant-table.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, hex } from '../support/names.ts';
import { pairsOf } from '../support/walk.ts';

const list = (frames: readonly number[]): string => `[${frames.map(hex).join(' ')}]`;

/** What setup_table, get_version and query_size tell, and what is mapped. */
const facts = (g: GrantTable): readonly (readonly [string, string])[] => [
  ['version', String(g.version)],
  ['grant frames', list(g.frames)],
  ['status frames', list(g.statusFrames)],
  ['max_grant_frames', String(g.maxFrames)],
  ['max_maptrack_frames', String(g.maxMaptrackFrames)],
];

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const [d, now] of pairsOf(saved, after)) {
    if (now === null) continue;
    a.count();
    const is = facts(now.grants);
    facts(d.grants).forEach(([name, was], i) => {
      const value = is[i]?.[1] ?? '';
      if (value !== was) a.offend(domainName(d.domid), `${name} ${was} -> ${value}`);
    });
  }
  return a.verdict();
};

export default invariant({
  id: 'I7.5',
  title: 'Grant frames keep number, order, MFN and version',
  says:
    'Version, limits, and the frames of shared entries and status words are the same, in the ' +
    'same order, after an update.',
  why:
    'Guests and tools have these very pages mapped (F7.9). Another page in their place is ' +
    'written by nobody, and the old one by somebody else.',
  sources: ['I7.5', 'F7.1', 'F7.9', 'S25', 'S56'],
  update: compare,
});
