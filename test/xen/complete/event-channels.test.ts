/** Ports of torn dumps, FIFO queues, 2-level bits. */
import { describe, expect, test } from 'vitest';
import { contentOf } from '../../../src/host/hardware.ts';
import { at, completed } from './completing.ts';
import { channels, domain, fifoPort, port, reading, vcpu } from './readings.ts';

describe('event channels', () => {
  const ipi = { kind: 'ipi' } as const;

  test('chains of linked ports become queues, each its own', () => {
    const ports = [
      fifoPort(1, ipi, 5),
      fifoPort(2, ipi, 1),
      fifoPort(3, { kind: 'virq', virq: 0 }, 0),
      fifoPort(4, ipi, 0),
      fifoPort(5, ipi, 0),
      fifoPort(6, ipi, undefined, { pending: true, masked: true }),
      fifoPort(1030, ipi, 0, { notifyVcpu: 1 }),
    ];
    const done = completed(
      reading({
        domains: [domain(0), domain(1, { vcpus: [vcpu(0), vcpu(1)] })],
        channels: [channels(1, ports)],
      }),
    );
    expect(done.contradictions).toEqual([]);
    const { vcpus, events } = at(done.host, 1);
    expect(events.fifoArray).toHaveLength(2);
    const heads = (v: number) => {
      const frame = vcpus[v]?.fifo?.control.frame ?? -1;
      return contentOf(done.host.hardware, frame, 'fifo-control')?.blocks[0]?.heads;
    };
    const words = contentOf(done.host.hardware, events.fifoArray[0] ?? -1, 'fifo-array')?.words;
    expect(
      heads(0)
        ?.map((h, p) => [p, h])
        .filter(([, h]) => h !== 0),
    ).toEqual([
      [0, 3],
      [6, 4],
      [7, 2],
    ]);
    expect(heads(1)?.[7]).toBe(1030);
    expect(vcpus[0]?.fifo?.tails[7]).toBe(5);
    expect([words?.[2], words?.[1], words?.[5]]).toEqual([0xa000_0001, 0xa000_0005, 0xa000_0000]);
    // Pending and masked, but on no queue: it stays so.
    expect(words?.[6]).toBe(0xc000_0000);
    expect(events.channels[1]?.lastQueue).toEqual({ vcpu: 0, priority: 7 });
    expect([events.channels[3]?.priority, events.channels[4]?.priority]).toEqual([0, 6]);
  });

  test('links that no queue can have are cut and listed', () => {
    const ports = [
      fifoPort(1, ipi, 2),
      fifoPort(2, ipi, 1),
      fifoPort(3, ipi, 9),
      fifoPort(4, ipi, 5),
      fifoPort(5, ipi),
      fifoPort(6, ipi, 8),
      fifoPort(7, ipi, 8),
      fifoPort(8, ipi, 0),
    ];
    const done = completed(
      reading({ domains: [domain(0), domain(1)], channels: [channels(1, ports)] }),
    );
    expect(done.contradictions.map((c) => c.text)).toEqual([
      'd1 port 3 links to port 9, which is on no queue with it',
      'd1 port 4 links to port 5, which is on no queue with it',
      'd1 port 7 links to port 8, which is on no queue with it',
      'd1 port 1 is on a queue without an end',
    ]);
  });

  test('2-level bits go to shared_info, with selectors and upcalls', () => {
    const ports = [
      port(1, ipi, { pending: true, link: { abi: '2l', selector: true } }),
      port(70, ipi, { pending: true, masked: true }),
    ];
    const done = completed(
      reading({
        domains: [
          domain(0),
          domain(1, { vcpus: [vcpu(0, { upcallPending: 1, upcallMask: 1, poll: 1 })] }),
        ],
        channels: [channels(1, ports)],
      }),
    );
    const d = at(done.host, 1);
    expect(contentOf(done.host.hardware, d.sharedInfo ?? -1, 'shared_info')).toMatchObject({
      pending: [1, 70],
      masked: [70],
      vcpus: { 0: { upcallPending: true, upcallMask: true, pendingSel: 1 } },
    });
    expect(d.vcpus[0]?.pollPorts).toEqual([1]);
  });

  test('an end without its other end waits unbound', () => {
    const done = completed(
      reading({
        domains: [domain(0), domain(1)],
        channels: [
          channels(0, [port(5, { kind: 'interdomain', remote: 1, remotePort: 2 })]),
          channels(1, [port(2, { kind: 'interdomain', remote: 0, remotePort: 6 })]),
        ],
      }),
    );
    expect(at(done.host, 0).events.channels[5]?.binding).toEqual({
      state: 'unbound',
      remoteDomid: 1,
    });
    expect(done.contradictions.map((c) => c.id)).toEqual(['port-peer', 'port-peer']);
  });

  test("one port for each VIRQ and PIRQ; reserved ports are the shim's", () => {
    const done = completed(
      reading({
        domains: [domain(0)],
        channels: [
          channels(0, [
            port(1, { kind: 'virq', virq: 0 }),
            port(2, { kind: 'virq', virq: 0 }),
            port(3, { kind: 'virq', virq: 3 }, { notifyVcpu: 9 }),
            port(4, { kind: 'pirq', pirq: 9, irq: 12 }),
            port(5, { kind: 'reserved' }),
          ]),
        ],
      }),
    );
    const d = at(done.host, 0);
    expect(Object.keys(d.events.channels)).toEqual(['1', '3', '4']);
    expect(d.vcpus[0]?.virqToPort).toEqual({ 0: 1, 3: 3 });
    expect(d.pirqs).toEqual({ 9: 12 });
    expect(d.unsupported).toEqual(['reserved event channels (PV shim)']);
  });
});
