/** Offers of every kind, versions of the table, pages that change hands. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { domainAt } from '../../../src/host/build/draft.ts';
import { offerGrant } from '../../../src/host/build/grants.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import { created, destroyed, finishedOff, RCU, UPDATE } from './events.ts';
import {
  clear,
  given,
  granters,
  HOST,
  host,
  l1Of4,
  mapped,
  more,
  offer,
  revoke,
  setVersion,
  subPage,
  transitive,
} from './grant-scene.ts';

export const grantOffers = (): Life[] => [
  life('offers of version 2', host, [
    [offer(2, 0, subPage), revoke(2, 0), offer(2, 0, transitive), revoke(2, 0)],
    [revoke(2, 8), offer(2, 8, subPage), setVersion(2, 1), setVersion(2, 2)],
    [offer(2, 8, transitive), setVersion(2, 1)],
  ]),
  life('offers of version 2, and of another reference', host, [
    [offer(2, 0, subPage), setVersion(2, 2), revoke(2, 8), revoke(2, 0), offer(2, 8, 'page')],
    [offer(2, 0, transitive), setVersion(2, 2), revoke(2, 8), revoke(2, 0)],
  ]),
  ...[subPage, transitive].map((what, i) =>
    life(`offers in a domain that is finished off, and stays ${i}`, host, [
      [mapped(2, 8, HOST), offer(2, 0, what), ...finishedOff(2)],
    ]),
  ),
  life('an offer taken back while mapped, in a domain that is finished off', host, [
    [offer(1, 0, 'page'), mapped(1, 0, HOST), clear(1, 0), ...finishedOff(1)],
  ]),
  life('a page that is accepted, and others', host, [
    [
      more,
      more,
      offer(1, 0, 'transfer', 2),
      setVersion(1, 1),
      revoke(1, 8),
      offer(1, 1, 'transfer', 2),
    ],
    [given(1), given(0, 1)],
  ]),
  life('versions of the table', host, [
    [setVersion(1, 2), setVersion(1, 1), offer(1, 8, 'page'), setVersion(1, 2)],
  ]),
  life('versions with a page that is accepted', host, [
    [revoke(1, 8), offer(1, 8, 'transfer'), setVersion(1, 2)],
  ]),
  life(
    'a reference that the wider entries of version 2 have no frame for',
    granters((draft) => {
      domainAt(draft, 1).nextRef = 300;
      offerGrant(draft, 1, { to: 0 });
    }),
    [[setVersion(1, 2)]],
  ),
  ...['page', subPage, transitive].map((what, i) =>
    life(`offers in a domain that dies ${i}`, host, [
      [offer(2, 0, what), offer(2, 1, 'transfer')],
      destroyed(2),
    ]),
  ),
  ...['page', subPage, transitive, 'transfer' as const].map((what, i) =>
    life(`offers in an update ${i}`, host, [[offer(2, 0, what)], UPDATE]),
  ),
  ...['page', subPage, transitive, 'transfer' as const].map((what, i) =>
    life(`offers in a domain that is finished off ${i}`, host, [
      [offer(2, 0, what)],
      finishedOff(2),
    ]),
  ),
  ...(['page', 'transfer'] as const).map((what, i) =>
    life(`taken back or given ${i}`, host, [[offer(1, 0, what), revoke(1, 0)]]),
  ),
  life('a page that changes hands', host, [
    [more, offer(1, 0, 'transfer', 2), given(0)],
    UPDATE,
    [revoke(1, 0)],
  ]),
  life('a page that changes hands, in a domain that is finished off, and stays', host, [
    [more, offer(1, 0, 'transfer', 2), given(0), mapped(1, 8, HOST)],
    [...finishedOff(4), ...finishedOff(1)],
  ]),
  life('a page that changes hands, in a domain that dies', host, [
    [more, offer(1, 0, 'transfer', 2), given(0)],
    destroyed(1),
  ]),
  life(
    'a table that grows',
    hostOf(['pv'], (draft) => {
      domainAt(draft, 1).domain.grants.frames = [];
    }),
    [
      [0, 1].map(
        (domid): WorldEvent => ({ type: 'grant.setup_table', domid, vcpu: 0, frames: 2 - domid }),
      ),
    ],
  ),
  life('a domain that is made again', host, [
    [...finishedOff(4), RCU],
    [created(4)],
    [
      {
        type: 'grant.map',
        domid: 4,
        vcpu: 0,
        granter: 1,
        ref: 8,
        flags: HOST,
        at: l1Of4,
        slot: 9,
      },
    ],
  ]),
];
