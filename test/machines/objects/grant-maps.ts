/** Maps of grants: of whom, by whom, and who of them goes first. */
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import { destroyed, finish, finishedOff, RCU, UPDATE } from './events.ts';
import {
  clear,
  DEVICE,
  granters,
  HOST,
  host,
  mapped,
  offer,
  RO,
  revoke,
  setVersion,
  unmapped,
} from './grant-scene.ts';

const mapLife = (granter: number): WorldEvent[] => [
  offer(granter, 0, 'page'),
  mapped(granter, 0, DEVICE | RO),
  mapped(granter, 0, HOST | RO),
  unmapped(0, DEVICE),
  mapped(granter, 0, DEVICE),
  unmapped(1, HOST),
  mapped(granter, 0, HOST | DEVICE, 301),
  unmapped(2, DEVICE),
  unmapped(3, HOST | DEVICE, 301),
  revoke(granter, 0),
];
const oneByOne = (granter: number): WorldEvent[] => [
  offer(granter, 0, 'page'),
  mapped(granter, 0, DEVICE),
  mapped(granter, 0, DEVICE | RO),
  unmapped(0, DEVICE),
  unmapped(1, DEVICE),
];
const bothAtOnce = (granter: number): WorldEvent[] => [
  offer(granter, 0, 'page'),
  mapped(granter, 0, HOST | DEVICE),
  unmapped(0, HOST | DEVICE),
  mapped(granter, 0, HOST),
  clear(granter, 0),
  mapped(granter, 0, HOST | RO, 302),
  unmapped(0, HOST),
  unmapped(1, HOST, 302),
  offer(granter, 0, 'page'),
];

/** d4 maps grants of d1: by CPU, by both, and by device to read. */
const mappedByD4 = () =>
  granters((draft) => {
    for (const device of [false, true]) {
      const ref = offerGrant(draft, 1, { to: 4 });
      mapGrant(draft, 4, { granter: 1, ref, host: true, device });
    }
    const read = offerGrant(draft, 1, { to: 4, readonly: true });
    mapGrant(draft, 4, { granter: 1, ref: read, host: false, device: true, readonly: true });
  });

export const grantMaps = (): Life[] => [
  ...[1, 2].flatMap((d) => [
    life(`maps of d${d}`, host, [mapLife(d)]),
    life(`maps of d${d}, both at once`, host, [bothAtOnce(d)]),
    life(`maps of d${d}, one by one`, host, [oneByOne(d)]),
    life(`an update with maps of d${d}`, host, [
      [mapped(d, 8, HOST), offer(d, 0, 'page'), mapped(d, 0, DEVICE | RO)],
      UPDATE,
    ]),
    life(`an update with both maps of d${d}`, host, [
      [mapped(d, 8, HOST | DEVICE), clear(d, 8)],
      UPDATE,
      [unmapped(0, HOST | DEVICE)],
    ]),
    life(`maps of d${d}, which dies`, host, [
      [mapped(d, 8, HOST), clear(d, 8)],
      destroyed(d),
      [unmapped(0, HOST), RCU],
    ]),
    life(`all kinds of maps of d${d}, which is finished off`, host, [
      [
        offer(d, 0, 'page'),
        mapped(d, 0, DEVICE),
        offer(d, 1, 'page'),
        mapped(d, 1, HOST | DEVICE, 305),
      ],
      finishedOff(d),
    ]),
  ]),
  life('a mapper that dies', mappedByD4(), [destroyed(4)]),
  life('a mapper that is finished off', mappedByD4(), [
    [clear(1, 9), clear(1, 10), clear(1, 11)],
    finishedOff(4),
  ]),
  life(
    'maps while others die',
    granters((draft) => {
      for (let n = 0; n < 3; n++) offerGrant(draft, 1, { to: 0 });
    }),
    [
      [mapped(1, 8, HOST | RO), mapped(1, 9, DEVICE), mapped(1, 10, HOST | DEVICE, 301)],
      [mapped(1, 11, HOST, 302), clear(1, 11)],
      destroyed(4, 3),
      [finish(0)],
    ],
  ),
  life(
    'an update with maps of another mapper',
    granters((draft) => {
      const ref = offerGrant(draft, 1, { to: 4 });
      mapGrant(draft, 4, { granter: 1, ref, host: true });
    }),
    [UPDATE],
  ),
  life('a version while it is mapped', host, [[mapped(1, 8, HOST), setVersion(1, 2)]]),
];
