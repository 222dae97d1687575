/** Resets of event channels: by the guest, by dom0, by a stub domain, in a soft reset. */
import { hostOf, withPorts } from '../../../properties/support/scenes.ts';
import { domainAt, type HostDraft } from '../../../src/host/build/draft.ts';
import { bindIpi, bindUnbound } from '../../../src/host/build/events.ts';
import { raise, useFifo } from '../../../src/host/build/fifo.ts';
import { pauseByController, shutDown } from '../../../src/host/build/lifecycle.ts';
import { SHUTDOWN } from '../../../src/host/constants.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import {
  answer,
  destroyed,
  finish,
  finishedOff,
  goOn,
  keptByDom0,
  RCU,
  reset,
  softOn,
  softReset,
  UPDATE,
} from './events.ts';

/** d1 resets itself, d2 is down and waits for a soft reset, d3 is paused and reset by dom0. */
const resetHost = (change: (draft: HostDraft) => void = () => undefined) =>
  hostOf(['pv', 'pvh', 'pv', 'pv'], (draft) => {
    withPorts(draft);
    for (const id of [2, 3]) {
      for (let i = 0; i < 3; i++) bindUnbound(draft, id, 0);
      pauseByController(draft, id);
    }
    useFifo(draft, 3);
    shutDown(draft, 2, 'complete', SHUTDOWN.soft_reset);
    domainAt(draft, 4).domain.target = 3 as never;
    change(draft);
  });
const byDom0 = reset(0, 1, 3);
const byTool = softReset(2, 1);
const byStub = reset(4, 1, 3);
const openIn3: WorldEvent = {
  type: 'evtchn.alloc_unbound',
  domid: 4,
  vcpu: 0,
  target: 3,
  remote: 0,
};
const keep = (draft: HostDraft): void => {
  for (const id of [1, 3]) keptByDom0(draft, id);
};
export const resets = (): Life[] => [
  life('resets', resetHost(), [
    [reset(1, 1), goOn(1, 1), goOn(1)],
    [byDom0, goOn(0, 1), openIn3, goOn(0)],
    [byDom0, goOn(0)],
    [byTool, softOn(1), softOn()],
  ]),
  life('resets that the Xen that runs finishes', resetHost(), [
    [reset(1, 1), finish(1), byDom0, finish(0), byTool, finish(0)],
  ]),
  life('a reset of a domain that dies', resetHost(), [[reset(1, 1), ...destroyed(1)]]),
  life('a reset of a domain that is finished off, and stays', resetHost(keep), [
    [reset(1, 1), ...finishedOff(1)],
  ]),
  life('a reset by a domain that is finished off', resetHost(keep), [
    [byStub, ...finishedOff(4), ...finishedOff(3)],
  ]),
  life(
    'a reset that is refused, of a domain that is finished off',
    resetHost(keep),
    [[reset(1, 1)], UPDATE, finishedOff(1)],
    answer({ Q4: 'cursor-only' }),
  ),
  life('a soft reset of a domain that dies', resetHost(), [
    [byTool, ...destroyed(2, 0), ...destroyed(2), softOn()],
  ]),
  life('a reset by a domain that dies', resetHost(), [
    [byStub, ...destroyed(4), RCU, byDom0, ...destroyed(3)],
  ]),
  ...(['exact', 'registers-only', 'restart', 'cursor-only', 'drop'] as const).flatMap((Q4) => [
    life(
      `resets, Q4 = ${Q4}`,
      resetHost(),
      [[reset(1, 1), byDom0], UPDATE, [goOn(1, 1), goOn(1), goOn(0, 1), goOn(0), finish(1)]],
      answer({ Q4 }),
    ),
    life(
      `a soft reset, Q4 = ${Q4}`,
      resetHost(),
      [[byTool], UPDATE, [softOn(1), softOn(), finish(0)]],
      answer({ Q4 }),
    ),
    life(
      `finished afterwards, Q4 = ${Q4}`,
      resetHost(),
      [[reset(1, 1), byDom0], UPDATE, [finish(1), finish(0)]],
      answer({ Q4 }),
    ),
    life(
      `a death afterwards, Q4 = ${Q4}`,
      resetHost(),
      [[reset(1, 1)], UPDATE, destroyed(1)],
      answer({ Q4 }),
    ),
  ]),
  ...(['registers-only', 'restart', 'cursor-only'] as const).map((Q4) =>
    life(
      `two resets, Q4 = ${Q4}`,
      resetHost(),
      [[reset(1, 1), byTool], UPDATE, [softOn(), goOn(1)]],
      answer({ Q4 }),
    ),
  ),
  life(
    'two soft resets',
    hostOf(['pvh', 'pvh'], (draft) => {
      for (const id of [1, 2]) {
        bindUnbound(draft, id, 0);
        bindIpi(draft, id, { vcpu: 0 });
        raise(draft, id, 2);
        pauseByController(draft, id);
        shutDown(draft, id, 'complete', SHUTDOWN.soft_reset);
      }
    }),
    [[softReset(1, 0), softOn(1), softOn()]],
  ),
];
