import * as E from 'fp-ts/lib/Either.js';
import type { Host } from '../../src/host/host.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, frameName, ownerName } from '../support/names.ts';
import { tornDown } from '../support/teardown.ts';
import { domainsOf } from '../support/walk.ts';

/** Whose pages are whose when the domain is dead, and what is still referenced. */
const compareEnds = (a: Audit, domid: number, was: Host, is: Host): void => {
  const gone = (host: Host): boolean => host.xen.domains[domid] === undefined;
  if (gone(was) !== gone(is))
    a.offend(domainName(domid), gone(was) ? 'would be gone, and stays' : 'would stay, and is gone');
  const [before, after] = [was.xen.frames, is.xen.frames];
  for (let f = 0; f < before.owner.length; f++) {
    if (before.owner[f] !== after.owner[f])
      a.offend(
        () => frameName(f),
        () =>
          `after the teardown of ${domainName(domid)} owned by ` +
          `${ownerName(after.owner[f] ?? 0)}, not ${ownerName(before.owner[f] ?? 0)}`,
      );
    else if ((before.generalCount[f] === 0) !== (after.generalCount[f] === 0))
      a.offend(
        () => frameName(f),
        () =>
          `after the teardown referenced ${after.generalCount[f]} times, not ${before.generalCount[f]}`,
      );
  }
  for (const d of domainsOf(was)) {
    const now = is.xen.domains[d.domid];
    const pins = (host: typeof d | undefined): number =>
      Object.keys(host?.grants.active ?? {}).length;
    if (pins(d) !== pins(now))
      a.offend(
        domainName(d.domid),
        `grants in use after the teardown of ${domainName(domid)}: ${pins(now)}, not ${pins(d)}`,
      );
  }
};

const compare = ({ design, from, to, saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(saved)) {
    a.count();
    if (d.dying !== 'dying' || after.xen.domains[d.domid] === undefined) continue;
    const was = tornDown(saved, d.domid, from, design);
    const is = tornDown(after, d.domid, to, design);
    if (E.isLeft(is)) a.offend(domainName(d.domid), `its teardown under xen#2: ${is.left}`);
    else if (E.isRight(was)) compareEnds(a, d.domid, was.right, is.right);
  }
  return a.verdict();
};

export default invariant({
  id: 'KILL-1',
  title: 'A teardown in progress gives back the same things',
  says:
    'Carried on to its end under xen#2, the teardown of a dying domain frees the same pages and ' +
    'drops the same references as it would have under xen#1.',
  why:
    'The order of the phases and their numbers differ between versions. A phase that is passed ' +
    'over leaves pages of others referenced for ever; one done twice frees them twice.',
  sources: ['R8', 'F2.8', 'F2.10', 'F4.3', 'Q3', 'S33'],
  update: compare,
});
