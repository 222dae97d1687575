/** Updates of a host with a device that is passed through. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { domainAt } from '../../../src/host/build/draft.ts';
import { assignDevice } from '../../../src/host/build/system.ts';
import { type Life, life } from '../support/lives.ts';
import { destroyed, UPDATE } from './events.ts';

export const withDevice = () =>
  hostOf(['pv'], (draft) => {
    assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
  });
export const updates = (): Life[] => [
  life('an update with a device', withDevice(), [UPDATE, UPDATE]),
  life('an update without R34', withDevice(), [UPDATE], without(defaultDesign, 'R34')),
  life('an update without R33', withDevice(), [UPDATE], without(defaultDesign, 'R33')),
  life('an update given up', withDevice(), [{ giveUpAfter: 6 }, { giveUpAfter: 4 }]),
  life(
    'an update without R8',
    hostOf(['pv']),
    [destroyed(1, 6), UPDATE],
    without(defaultDesign, 'R8'),
  ),
];
