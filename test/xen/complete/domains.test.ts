/** Emulators, handlers, shutdown, what no record carries. */
import { describe, expect, test } from 'vitest';
import { explainFrame } from '../../../src/host/references.ts';
import type { Reading } from '../../../src/xen/capture/reading.ts';
import { at, completed, ids, rules } from './completing.ts';
import {
  caf,
  channels,
  companion,
  domain,
  page,
  port,
  reading,
  taf,
  translated,
  vcpu,
  xenPage,
} from './readings.ts';

describe('domains', () => {
  const hvmPorts = (emulator: number) => [
    port(1, { kind: 'interdomain', remote: emulator, remotePort: 11 }, { xenConsumer: 1 }),
    port(2, { kind: 'interdomain', remote: emulator, remotePort: 12 }, { xenConsumer: 1 }),
    port(
      3,
      { kind: 'interdomain', remote: emulator, remotePort: 13 },
      { xenConsumer: 1, notifyVcpu: 1 },
    ),
  ];
  const peers = [1, 2, 3].map((p) =>
    port(10 + p, { kind: 'interdomain', remote: 3, remotePort: p }),
  );
  const hvm = translated(3, { vcpus: [vcpu(0), vcpu(1)] });

  test('an HVM guest with Xen-attached ports has an IOREQ server', () => {
    const done = completed(
      reading({
        domains: [domain(0), hvm],
        channels: [channels(0, peers), channels(3, hvmPorts(0))],
        companions: [companion(3, { type: 'hvm' })],
      }),
    );
    const [server] = Object.values(at(done.host, 3).ioreqServers);
    expect(server).toMatchObject({
      emulator: 0,
      bufioreqPort: 2,
      vcpus: { 0: { port: 1 }, 1: { port: 3 } },
    });
    expect(at(done.host, 3).events.xenChannels).toBe(3);
    expect(done.contradictions).toEqual([]);
    expect(explainFrame(done.host, rules, server?.ioreqPage ?? -1)).toHaveLength(3);
  });

  test('two servers of one emulator share its ports in the order of their making', () => {
    const vcpuOf = [0, 0, 1, 0, 0, 1];
    const ports = vcpuOf.map((notifyVcpu, i) =>
      port(
        i + 1,
        { kind: 'interdomain', remote: 0, remotePort: i + 11 },
        { xenConsumer: 1, notifyVcpu },
      ),
    );
    const others = vcpuOf.map((_, i) =>
      port(i + 11, { kind: 'interdomain', remote: 3, remotePort: i + 1 }),
    );
    const done = completed(
      reading({
        domains: [domain(0), hvm],
        channels: [channels(0, others), channels(3, ports)],
        companions: [companion(3, { type: 'hvm' })],
      }),
    );
    expect(at(done.host, 3).ioreqServers).toMatchObject({
      0: { bufioreqPort: 2, vcpus: { 0: { port: 1 }, 1: { port: 3 } } },
      1: { bufioreqPort: 5, vcpus: { 0: { port: 4 }, 1: { port: 6 } } },
    });
  });

  test('an HVM guest without them has none, and says so', () => {
    const done = completed(
      reading({ domains: [domain(0), hvm], companions: [companion(3, { type: 'hvm' })] }),
    );
    expect(at(done.host, 3).ioreqServers).toEqual({});
    expect(ids(done)).toContain('no-emulator');
  });

  test('a stub domain has its guest as target, which holds a reference', () => {
    const done = completed(
      reading({
        domains: [domain(0), domain(1), { ...hvm, refcnt: 4 }],
        channels: [channels(1, peers), channels(3, hvmPorts(1))],
        companions: [companion(3, { type: 'hvm' })],
      }),
    );
    expect(at(done.host, 1).target).toBe(3);
    expect(done.contradictions).toEqual([]);
  });

  test('a domain other than dom0 that binds a global VIRQ is its handler', () => {
    const done = completed(
      reading({
        domains: [domain(0), domain(2, { refcnt: 4 })],
        channels: [channels(2, [port(1, { kind: 'virq', virq: 3 })])],
      }),
    );
    expect(done.host.xen.system.virqHandlers).toEqual({ 3: 2 });
    expect(done.contradictions).toEqual([]);
  });

  test('a refcnt that no holder explains is a contradiction', () => {
    const done = completed(reading({ domains: [domain(0, { refcnt: 7 })] }));
    expect(done.contradictions).toMatchObject([{ id: 'refcnt', domid: 0, shown: 7, have: 3 }]);
  });

  test('shut down: by xl, by its code, by paused vCPUs, or not at all', () => {
    const paused = { vcpus: [vcpu(0, { pauseCount: 1 })] };
    const shutdownOf = (r: Reading) => {
      const { shutdown, vcpus } = at(completed(r).host, 1);
      return [shutdown.state, shutdown.code, vcpus[0]?.controllerPauseCount];
    };
    const one = (...companions: ReturnType<typeof companion>[]) =>
      reading({ domains: [domain(0), domain(1, paused)], companions });
    const NONE = 0xffff_ffff;
    expect(shutdownOf(one())).toEqual(['complete', 0, 0]);
    expect(shutdownOf(one(companion(1, { state: '---sc-' })))).toEqual(['complete', 3, 0]);
    expect(shutdownOf(one(companion(1, { shutdownReason: 2 })))).toEqual(['complete', 2, 0]);
    expect(shutdownOf(one(companion(1, { state: '-b----' })))).toEqual(['none', NONE, 1]);
    expect(shutdownOf(reading({ domains: [domain(0), domain(1)] }))).toEqual(['none', NONE, 0]);
  });

  test('a CPU runs one vCPU, and none that is paused', () => {
    const running = vcpu(0, { running: true });
    const done = completed(
      reading({
        domains: [
          domain(0, { vcpus: [running] }),
          domain(1, { vcpus: [running] }),
          domain(2, { vcpus: [{ ...running, cpu: 1 }], pauseCount: 1 }),
        ],
      }),
    );
    const cpus = Object.values(done.host.xen.domains).map((d) => d.vcpus[0]?.runningOn);
    expect(cpus).toEqual([0, null, null]);
    expect(done.contradictions.map((c) => c.text)).toEqual([
      'd1v0 is shown running, but CPU 0 runs another vCPU',
      'd2v0 is shown running, but it is paused',
    ]);
  });

  test('a PV guest that never ran maps no xenheap page', () => {
    const fresh = domain(1, { pauseCount: 1, pages: [xenPage(0x1002, 1), xenPage(0x1003, 1)] });
    const done = completed(reading({ domains: [domain(0), fresh] }));
    expect(at(done.host, 1).creationFinished).toBe(false);
    expect(at(done.host, 0).creationFinished).toBe(true);
    expect(done.contradictions).toEqual([]);
  });

  test('features that no record carries are named', () => {
    const odd = domain(1, {
      sharedPages: 1,
      pagedPages: 1,
      pod: { entries: 1, cacheSize: 0 },
      watchdogs: [{ id: 0, expiresInS: 3 }],
      paging: ['shadow', 'log_dirty'],
    });
    const done = completed(reading({ domains: [domain(0), odd] }));
    expect(at(done.host, 1).unsupported).toHaveLength(5);
    expect(at(done.host, 1).type).toBe('pv');
  });

  test('a PVH dom0 maps foreign pages in its P2M', () => {
    const done = completed(
      reading({
        domains: [
          translated(0),
          domain(4, {
            refcnt: 1,
            dying: 2,
            pauseCount: 1,
            nrPages: 1,
            xenheapPages: 0,
            domPagesOmitted: false,
            pages: [page('DomPage', 0x2000, caf(2, { allocated: false }), taf(0, 0))],
          }),
        ],
      }),
    );
    expect(done.contradictions).toEqual([]);
    expect(at(done.host, 0).p2m?.nrForeign).toBe(2);
  });
});
