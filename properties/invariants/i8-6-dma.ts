import type { Hardware } from '../../src/host/hardware.ts';
import { invariant, PHASES, type Step, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { dmaReach, type Reach } from '../support/dma.ts';

/** From the first step of the save on nothing may change any more. */
const isFrom = (step: Step): boolean => PHASES.indexOf(step.phase) >= PHASES.indexOf('saving');

const describe = (r: Reach | undefined): string =>
  r === undefined ? 'nothing at all' : `${r.pages} pages`;

const change = (was: Reach | undefined, is: Reach | undefined): string =>
  was?.pages === is?.pages ? 'as many but not the same' : describe(is);

const watch = (): Watcher => {
  const a = new Audit();
  let first: ReadonlyMap<string, Reach> | null = null;
  let seen: Hardware['content'] | null = null;
  let root: number | null = null;
  const compare = (step: Step, was: ReadonlyMap<string, Reach>): void => {
    const now = dmaReach(step.host.hardware);
    for (const device of new Set([...was.keys(), ...now.keys()])) {
      a.count();
      const [x, y] = [was.get(device), now.get(device)];
      if (x?.pages !== y?.pages || x?.digest !== y?.digest)
        a.offend(
          `device ${device}`,
          `reached ${describe(x)} at the save, ${change(x, y)} after ${step.type}`,
        );
    }
  };
  return {
    see: (step) => {
      if (!isFrom(step)) return;
      const { hardware } = step.host;
      if (first === null) first = dmaReach(hardware);
      else if (hardware.content !== seen || hardware.iommuRoot !== root) compare(step, first);
      [seen, root] = [hardware.content, hardware.iommuRoot];
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'I8.6',
  title: 'Devices reach the same memory at every step',
  says:
    'From the save to the resume the frames that each device can reach, and the permissions, ' +
    'stay the same after each step.',
  why:
    'Devices of guests work on while Xen is exchanged (R33). A mapping that is missing for a ' +
    'moment is a fault, one that is wrong a write into somebody else.',
  sources: ['I8.6', 'DMA-1', 'R33', 'R34', 'F8.17', 'F8.19', 'S42', 'S43'],
  afterCrash: true,
  watch,
});
