/** Ports that are masked: in a soft reset, under a change of the ABI, in two domains. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import {
  bindInterdomain,
  bindIpi,
  bindPirq,
  bindUnbound,
  bindVirq,
} from '../../../src/host/build/events.ts';
import { mask, raise, useFifo } from '../../../src/host/build/fifo.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { pauseByController, shutDown } from '../../../src/host/build/lifecycle.ts';
import { SHUTDOWN, VIRQ } from '../../../src/host/constants.ts';
import { PGT } from '../../../src/host/page-type.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import { finishedOff, framesOfType, softOn, softReset, tool } from './events.ts';

/** A bit that was left pending at a port which is free: FIFO has words of its own. */
export const staleBit = (): Life =>
  life(
    'a bit of a free port, under a change of the ABI',
    hostOf(['pvh'], (draft) => {
      const port = bindIpi(draft, 1, { vcpu: 0 });
      raise(draft, 1, port);
      delete draft.domains[1]?.domain.events.channels[port];
    }),
    [[{ type: 'evtchn.init_control', domid: 1, vcpu: 0, target: 0, gfn: 5, offset: 0 }]],
  );

/** The guest masks its ports, goes over to FIFO, and shuts down; the masks are seen again. */
export const softMasks = (): Life[] =>
  [null, 0].map((ports) =>
    life(
      `masks in a soft reset, ${ports === null ? 'at once' : 'in steps'}`,
      hostOf(['pvh'], (draft) => {
        for (let n = 0; n < 3; n++) bindIpi(draft, 1, { vcpu: 0 });
      }),
      [
        [1, 2, 3].map((port): WorldEvent => ({ type: 'guest.mask', domid: 1, vcpu: 0, port })),
        [
          { type: 'evtchn.init_control', domid: 1, vcpu: 0, target: 0, gfn: 5, offset: 0 },
          { type: 'sched.shutdown', domid: 1, vcpu: 0, reason: SHUTDOWN.soft_reset },
          { type: 'domctl.pausedomain', ...tool, domid: 1 },
          softReset(1, ports),
          softOn(),
        ],
      ],
    ),
  );

/** A soft reset closes ports as well, of the domain and of its peers. */
export const softPorts = (): Life[] =>
  [false, true].flatMap((steps) => {
    const make = (fifo: boolean) =>
      hostOf(['pvh', 'pv'], (draft) => {
        if (fifo) useFifo(draft, 1);
        bindUnbound(draft, 1, 0);
        bindInterdomain(draft, 1, 2);
        bindVirq(draft, 1, VIRQ.TIMER, { vcpu: 0 });
        bindIpi(draft, 1, { vcpu: 0 });
        bindPirq(draft, 1, 16, 16);
        for (const port of [1, 2, 3]) raise(draft, 1, port);
        for (const port of [2, 3]) mask(draft, 1, port);
        pauseByController(draft, 1);
        shutDown(draft, 1, 'complete', SHUTDOWN.soft_reset);
      });
    const ask = softReset(1, steps ? 0 : null);
    return [true, false].map((fifo) =>
      life(
        `ports in a soft reset, ${fifo ? 'FIFO' : '2-level'}${steps ? ', in steps' : ''}`,
        make(fifo),
        [[ask, softOn()]],
      ),
    );
  });

/** On a host of dom0 and `n` PV guests of 16 pages: a page of one that is nothing but data. */
const dataOf = (n: number) => {
  const host = hostOf(Array.from({ length: n }, () => 'pv' as const));
  return (domid: number): number =>
    framesOfType(host, domid, PGT.writable).find((f) => host.hardware.content[f] === undefined) ??
    0;
};

/** The same happens to the ports of two domains. */
export const twoPorts = (): Life[] => [
  life(
    'two upcalls',
    hostOf(['pv', 'pv'], (draft) => {
      for (const id of [1, 2]) {
        useFifo(draft, id);
        bindIpi(draft, id, { vcpu: 0 });
        raise(draft, id, 1);
        mask(draft, id, 1);
      }
    }),
    [
      [
        { type: 'evtchn.unmask', domid: 1, vcpu: 0, port: 1 },
        { type: 'evtchn.unmask', domid: 2, vcpu: 0, port: 1 },
        { type: 'guest.upcall', domid: 2, vcpu: 0 },
        { type: 'guest.upcall', domid: 1, vcpu: 0 },
      ],
    ],
  ),
  life(
    'masked while others change',
    (() => {
      const draft = buildHost();
      addDomain(draft, { type: 'pv', pages: 16 });
      for (let n = 0; n < 3; n++) {
        addDomain(draft, { type: 'pv', pages: 16 });
        bindIpi(draft, n + 1, { vcpu: 0 });
        mask(draft, n + 1, 1);
      }
      return finishHost(draft);
    })(),
    [
      finishedOff(3),
      [1, 2].map(
        (domid): WorldEvent => ({
          type: 'evtchn.init_control',
          domid,
          vcpu: 0,
          target: 0,
          gfn: dataOf(3)(domid),
          offset: 0,
        }),
      ),
    ],
  ),
];
