/** Restores that stop: by themselves, or where a rule is dropped. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { domainAt } from '../../../src/host/build/draft.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { assignDevice } from '../../../src/host/build/system.ts';
import { type Life, life } from '../support/lives.ts';
import { destroyed, finishedOff, LOAD, REQUEST, UNLOAD, UNLOADED, UPDATE } from './events.ts';

/** xen#2 stops, wherever it is: by itself, or where a rule is dropped. */
export const crashes = (): Life[] => {
  const small = () => hostOf(['pv']);
  const script = life('', small(), [UPDATE]).events;
  const jump = script.findIndex((e) => e.type === 'lu.jump');
  return [
    ...script
      .slice(jump + 1, -1)
      .map((_, i) =>
        life(`a panic ${i}`, small(), [
          [...script.slice(0, jump + 1 + i), { type: 'xen2.panic', what: 'injected' }],
        ]),
      ),
    life('a crash at the jump', small(), UNLOADED, without(defaultDesign, 'R10')),
    life('a crash before it', small(), [UPDATE], without(defaultDesign, "R12'")),
  ];
};

/** A rule is dropped, and where it tells, xen#2 stops or the jump does not happen. */
export const brokenRules = (): Life[] => [
  life(
    'a crash at the jump, with a domain that went',
    hostOf(['pv', 'pv']),
    [[...finishedOff(2), LOAD, REQUEST, { type: 'lu.park', domid: 1 }, UNLOAD], UPDATE],
    without(defaultDesign, 'R10'),
  ),
  life(
    'a crash at the map of the stream',
    hostOf(['pv', 'pv']),
    [finishedOff(2), UPDATE],
    without(defaultDesign, 'R30'),
  ),
  life(
    'a crash at the verification',
    hostOf(['hvm'], (draft) => {
      mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }), host: true });
    }),
    [UPDATE],
    without(defaultDesign, 'F7.5.type'),
  ),
  life(
    'a crash at the take-over',
    hostOf(['pv', 'pv'], (draft) => {
      assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
      domainAt(draft, 1).domain.target = 2 as never;
    }),
    [destroyed(2), UPDATE],
    without(defaultDesign, 'R8'),
  ),
  life(
    'a crash at the reservation',
    hostOf(
      ['pv'],
      (draft) => {
        assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
      },
      { ramFrames: 64 * 1024 },
    ),
    [UPDATE],
    without(defaultDesign, 'R25'),
  ),
  life(
    'a jump that does not happen, with a domain that is not saved',
    hostOf(['pv', 'pv'], (draft) => {
      domainAt(draft, 1).domain.target = 2 as never;
    }),
    [[...destroyed(2), LOAD, REQUEST, UNLOAD], UPDATE],
    without(defaultDesign, 'R8', 'R10'),
  ),
];
