import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import {
  bindInterdomain,
  bindIpi,
  bindPirq,
  bindUnbound,
  bindVirq,
} from '../../../src/host/build/events.ts';
import { useFifo } from '../../../src/host/build/fifo.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { addIoreqServer } from '../../../src/host/build/ioreq.ts';
import { VIRQ } from '../../../src/host/constants.ts';
import { PGT } from '../../../src/host/page-type.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import {
  destroyed,
  finish,
  finishedOff,
  framesOfType,
  goOn,
  RCU,
  reset,
  tool,
  UPDATE,
} from './events.ts';

/** dom0; d1 with a port of each kind, d2 its peer, d3 an HVM guest of dom0's emulator. */
const portHost = (fifo: boolean) => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 20, vcpus: 2 });
  for (let i = 0; i < 2; i++) addDomain(draft, { type: 'pv', pages: 24 });
  addDomain(draft, { type: 'hvm', pages: 20 });
  if (fifo) useFifo(draft, 1);
  bindUnbound(draft, 1, 2);
  bindInterdomain(draft, 1, 2);
  bindVirq(draft, 1, VIRQ.TIMER, { vcpu: 0 });
  bindIpi(draft, 1, { vcpu: 0 });
  bindPirq(draft, 1, 16, 16);
  bindInterdomain(draft, 1, 1);
  bindUnbound(draft, 2, 1);
  bindVirq(draft, 0, VIRQ.DOM_EXC);
  addIoreqServer(draft, 3, { emulator: 0 });
  return finishHost(draft);
};
const PORTS = [1, 2, 3, 4, 5, 6, 7];

export const ports = (): Life[] =>
  [false, true].flatMap((fifo) => {
    const host = portHost(fifo);
    const me = { domid: 1, vcpu: 0 } as const;
    const each = (type: 'evtchn.close' | 'evtchn.unmask' | 'guest.mask' | 'evtchn.send') =>
      PORTS.map((port): WorldEvent => ({ type, ...me, port }));
    const raised: WorldEvent[] = [
      { type: 'evtchn.send', ...me, port: 4 },
      { type: 'evtchn.send', domid: 2, vcpu: 0, port: 1 },
      { type: 'evtchn.send', ...me, port: 6 },
    ];
    const bound: WorldEvent[] = [
      { type: 'evtchn.alloc_unbound', ...me, target: 1, remote: 2 },
      { type: 'evtchn.bind_interdomain', ...me, remote: 2, remotePort: 2 },
      { type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 0 },
      { type: 'evtchn.bind_ipi', ...me, target: 0 },
      { type: 'evtchn.bind_pirq', ...me, pirq: 16 },
    ];
    const xens = Object.keys(host.xen.domains[3]?.events.channels ?? {}).map(Number);
    const emulatorsEnds = Object.entries(host.xen.domains[0]?.events.channels ?? {}).flatMap(
      ([port, c]) => (c.binding.state === 'interdomain' ? [Number(port)] : []),
    );
    const emulatorCloses = emulatorsEnds.map(
      (port): WorldEvent => ({ type: 'evtchn.close', domid: 0, vcpu: 0, port }),
    );
    const server = { ...tool, domid: 3 } as const;
    const pages = framesOfType(host, 1, PGT.writable).filter(
      (f) => host.hardware.content[f] === undefined,
    );
    const page = (n: number) => pages[n] ?? 1;
    const control: WorldEvent = {
      type: 'evtchn.init_control',
      ...me,
      target: 0,
      gfn: page(0),
      offset: 0,
    };
    const array: WorldEvent = { type: 'evtchn.expand_array', ...me, gfn: page(1) };
    const upcall: WorldEvent = { type: 'guest.upcall', ...me };
    const name = fifo ? 'FIFO' : '2-level';
    return [
      life(`ports, ${name}`, host, [
        raised,
        [upcall],
        each('guest.mask'),
        raised,
        [upcall],
        each('evtchn.unmask'),
        [upcall],
        raised,
        each('evtchn.close'),
        bound,
        [reset(1, null)],
      ]),
      life(`a peer closes, ${name}`, host, [
        raised,
        [
          { type: 'evtchn.close', domid: 2, vcpu: 0, port: 1 },
          { type: 'evtchn.bind_interdomain', domid: 2, vcpu: 0, remote: 1, remotePort: 2 },
        ],
        [reset(2, 1), goOn(2)],
      ]),
      life(`a peer finishes a reset, ${name}`, host, [
        [reset(2, 0), finish(2)],
        [reset(1, 1), finish(1)],
      ]),
      life(`a reset in steps, ${name}`, host, [
        raised,
        each('guest.mask'),
        [reset(1, 1), ...PORTS.map(() => goOn(1, 1)), goOn(1)],
      ]),
      life(`a reset at once, ${name}`, host, [raised, each('guest.mask'), [reset(1, null)]]),
      life(`the ABI changes, and back, ${name}`, host, [
        each('guest.mask'),
        [control, reset(1, null)],
        bound,
        each('guest.mask'),
        [control, reset(1, 0), goOn(1)],
        bound,
        each('guest.mask'),
        [control, reset(1, 0), finish(1)],
        bound,
        each('guest.mask'),
        [control],
        destroyed(1),
      ]),
      life(`the ABI changes, ${name}`, host, [
        raised,
        each('guest.mask'),
        raised,
        [control, array, upcall],
        raised,
        each('evtchn.unmask'),
        raised,
        [reset(1, null)],
      ]),
      life(`the ABI changes with events, ${name}`, host, [
        raised,
        [control],
        raised,
        [array, upcall],
      ]),
      life(`a reset without an array, ${name}`, host, [[control, reset(1, null)]]),
      life(`a reset in steps without an array, ${name}`, host, [[control, reset(1, 1), goOn(1)]]),
      life(`a death, ${name}`, host, [
        raised,
        each('guest.mask'),
        raised,
        destroyed(1),
        destroyed(2),
      ]),
      life(`a death of the peer, ${name}`, host, [raised, destroyed(2), [RCU]]),
      life(`a death at once, ${name}`, host, [raised, each('guest.mask'), finishedOff(1)]),
      life(`a death at once without an array, ${name}`, host, [[control], finishedOff(1)]),
      life(`a death without an array, ${name}`, host, [[control], destroyed(1)]),
      life(`a death of the peer at once, ${name}`, host, [raised, [...finishedOff(2), RCU]]),
      life(`Xen's ports, ${name}`, host, [
        emulatorCloses,
        xens.map(
          (remotePort): WorldEvent => ({
            type: 'evtchn.bind_interdomain',
            domid: 0,
            vcpu: 0,
            remote: 3,
            remotePort,
          }),
        ),
        [reset(0, null)],
        [
          { type: 'ioreq.destroy', ...server, server: 0 },
          { type: 'ioreq.create', ...server, buffered: false },
        ],
        [{ type: 'ioreq.destroy', ...server, server: 0 }],
      ]),
      life(`Xen's ports, bound, then destroyed, ${name}`, host, [
        [{ type: 'ioreq.destroy', ...server, server: 0 }],
      ]),
      life(`Xen's ports of a domain that dies, ${name}`, host, [destroyed(3)]),
      life(`Xen's ports of a domain that is finished off, ${name}`, host, [finishedOff(3)]),
      life(`Xen's unbound ports of a domain that dies, ${name}`, host, [
        emulatorCloses,
        destroyed(3),
      ]),
      life(`Xen's unbound ports of a domain that is finished off, ${name}`, host, [
        emulatorCloses,
        finishedOff(3),
      ]),
      life(`Xen's unbound ports in an update, ${name}`, host, [emulatorCloses, UPDATE]),
      life(`the emulator's ports closed in steps, ${name}`, host, [
        [reset(0, 1), goOn(0, 2), goOn(0)],
      ]),
      life(`the emulator's ports closed and finished, ${name}`, host, [[reset(0, 1), finish(0)]]),
      life(`ports in an update, ${name}`, host, [
        raised,
        each('guest.mask'),
        UPDATE,
        raised,
        each('evtchn.unmask'),
      ]),
      life(`ports in an update, silent, ${name}`, host, [raised, UPDATE, [upcall]]),
      life(`ports without an array in an update, ${name}`, host, [[control], UPDATE]),
    ];
  });
