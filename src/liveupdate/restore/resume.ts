/** Taking back the update's pause: what ran before runs again, nothing else (R3). */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import { type Crash, crash, type Restoring } from '../boot.ts';
import { unpark } from '../pause.ts';

export const resume = (r: Restoring, domid: number, design: Design): E.Either<Crash, Restoring> => {
  const d = r.xen.domains[domid];
  if (d === undefined) return crash(`no d${domid} to resume`, 'R3');
  const { xen } = unpark({ hardware: r.hardware, xen: r.xen }, d);
  if (keeps(design, 'R3')) return E.right({ ...r, xen });
  // A design without R3 unpauses outright, whoever else holds a pause.
  const running = { ...(xen.domains[domid] as typeof d), pauseCount: 0, controllerPauseCount: 0 };
  const domains = { ...xen.domains, [domid]: { ...running, pausers: [] } };
  return E.right({ ...r, xen: { ...xen, domains } });
};
