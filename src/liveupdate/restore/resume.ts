/** Taking back the update's pause: what ran before runs again, nothing else (R3). */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import type { XenVersion } from '../../design/versions.ts';
import type { Domain } from '../../host/domain.ts';
import { type Crash, crash, type Restoring } from '../boot.ts';
import { unpark } from '../pause.ts';
import { stopsByShutdown } from '../primitive.ts';
import { resumeAll } from '../shutdown.ts';

/** The domain's first vCPU that can run gets a CPU. */
const onCpu = (d: Domain): Domain => {
  const first = d.vcpus.findIndex((v) => v.initialised && v.pauseFlags === 0 && v.pauseCount === 0);
  return { ...d, vcpus: d.vcpus.map((v, i) => (i === first ? { ...v, runningOn: 0 } : v)) };
};

export const resume = (
  r: Restoring,
  domid: number,
  version: XenVersion,
  design: Design,
): E.Either<Crash, Restoring> => {
  const d = r.xen.domains[domid];
  if (d === undefined) return crash(`no d${domid} to resume`, 'R3');
  const unparked = unpark({ hardware: r.hardware, xen: r.xen }, d);
  const { xen } = stopsByShutdown(design, d)
    ? resumeAll(unparked, domid, { version, design })
    : unparked;
  if (keeps(design, 'R3')) return E.right({ ...r, xen });
  // A design without R3 unpauses outright, whoever else holds a pause.
  const unpaused = { ...(xen.domains[domid] as typeof d), pauseCount: 0, controllerPauseCount: 0 };
  // As long as the stream is kept the others are not restored: this one runs before them (S67).
  const running = r.streamFrames.length === 0 ? unpaused : onCpu(unpaused);
  const domains = { ...xen.domains, [domid]: { ...running, pausers: [] } };
  return E.right({ ...r, xen: { ...xen, domains } });
};
