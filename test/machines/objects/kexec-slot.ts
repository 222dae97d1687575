/** What is loaded into the slots of kexec, and when. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { mixedDraft } from '../../../src/host/build/mixed-host.ts';
import { loadKexec } from '../../../src/host/build/system.ts';
import type { Host } from '../../../src/host/host.ts';
import { formatLiveUpdate } from '../../../src/liveupdate/command-line.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import { answer, finishedOff, LOAD, MISPLACED, REQUEST, UNLOAD, UPDATE, XEN } from './events.ts';
import { withDevice } from './iommu.ts';

const KERNEL: WorldEvent = { type: 'kexec.load_default', build: null, commandLine: 'vmlinuz' };
const EXEC: WorldEvent = { type: 'kexec.exec' };

/** A host with something of everything, its Xen booted with a liveupdate= option of its own. */
const everything = (): Host => {
  const draft = mixedDraft();
  loadKexec(draft, 'crash');
  return finishHost(draft);
};
const bootable = (): WorldEvent =>
  ({
    ...XEN,
    commandLine: formatLiveUpdate(buildHost().xen.bootmem),
  }) as WorldEvent;

export const slots = (): Life[] => {
  const small = () => hostOf(['pv'], (draft) => loadKexec(draft, 'crash'));
  const r10 = without(defaultDesign, 'R10');
  const park = (domid: number): WorldEvent => ({ type: 'lu.park', domid });
  return [
    life('images', small(), [
      [LOAD, LOAD, UNLOAD, KERNEL, KERNEL, UNLOAD, KERNEL, LOAD, KERNEL, LOAD],
      { giveUpAfter: 2 },
      { giveUpAfter: 9 },
      UPDATE,
    ]),
    ...[UNLOAD, KERNEL].flatMap((e, i) => [
      life(`the slot changes ${i}`, everything(), [[LOAD, REQUEST, e], UPDATE], r10),
      life(
        `the slot changes in the middle ${i}`,
        everything(),
        [[LOAD, REQUEST, park(2), e], UPDATE],
        r10,
      ),
      life(
        `the slot changes in the middle, and back ${i}`,
        small(),
        [
          [
            LOAD,
            REQUEST,
            park(1),
            e,
            LOAD,
            e,
            KERNEL,
            UNLOAD,
            KERNEL,
            { type: 'lu.cancel' },
            { type: 'lu.rollback' },
          ],
        ],
        r10,
      ),
      life(
        `the slot changes in the middle, given up ${i}`,
        small(),
        [[LOAD, REQUEST, park(1), e, { type: 'lu.cancel' }, { type: 'lu.rollback' }]],
        r10,
      ),
    ]),
    life('an image without a place', small(), [[MISPLACED, KERNEL, MISPLACED]]),
    life('both share one region', small(), [[LOAD], UPDATE], answer({ Q15: 'shared' })),
    life('the only domain that is stopped goes', small(), [
      [LOAD, REQUEST, park(1), ...finishedOff(1)],
    ]),
    life('nobody is stopped', small(), [UPDATE], without(defaultDesign, 'R2')),
    life('a normal reboot', everything(), [
      [bootable(), EXEC, { type: 'xen2.boot' }, { type: 'xen2.map-stream' }],
    ]),
    life('a normal reboot with a device', withDevice(), [[bootable(), EXEC]]),
  ];
};
