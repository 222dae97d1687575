/** Domains that come and go around an update. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { type Life, life } from '../support/lives.ts';
import { created, finishedOff, RCU, UPDATE } from './events.ts';

/** Places that are left, and taken again. */
export const comings = (): Life[] => [
  life('a domain that dies before it is settled', hostOf(['pv', 'pv']), [
    { update: '4.17', settles: false },
    finishedOff(2),
    [{ type: 'lu.settle' }],
  ]),
  life('an update after a domain went', hostOf(['pv', 'pv']), [finishedOff(2), UPDATE]),
  life('a domain that is made anew before it is settled', hostOf(['pv', 'pv', 'pv']), [
    [...finishedOff(3), ...finishedOff(2), RCU],
    { update: '4.17', settles: false },
    [created(3), created(2)],
    [{ type: 'lu.settle' }],
  ]),
  life('domains that are made', hostOf(['pv', 'pv', 'pv']), [
    finishedOff(3),
    finishedOff(2),
    [RCU],
    [created(3), created(2)],
  ]),
];
