/** I6.1 to I6.6 name the port, and both values. */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { bindUnbound } from '../../../src/host/build/events.ts';
import { raise, useFifo } from '../../../src/host/build/fifo.ts';
import { finish } from '../../../src/host/build/finish.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import type { Host } from '../../../src/host/host.ts';
import { domid, port } from '../../../src/host/ids.ts';
import {
  contentIn,
  domainOf,
  type LooseHost,
  ofHost,
  ofUpdate,
  spoilt,
  vcpuOf,
} from '../support/evidence.ts';

const channel = (h: LooseHost, id: number, p: number) => {
  const c = domainOf(h, id).events.channels[p];
  if (c === undefined) throw new Error(`d${id} port ${p} is free`);
  return c;
};
const free = (h: LooseHost, id: number, p: number): void => {
  delete domainOf(h, id).events.channels[p];
};

/** d1, FIFO, one vCPU: ports 1, 2, 3 queued in this order at priority 7. */
const queued = (): Host => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16 });
  addDomain(draft, { type: 'pvh', pages: 16, vcpus: 2 });
  useFifo(draft, 1);
  for (const p of [1, 2, 3]) bindUnbound(draft, 1, 0, { port: p });
  for (const p of [1, 2, 3]) raise(draft, 1, p);
  return finish(draft);
};
const words = (h: LooseHost): Record<number, number> =>
  contentIn(h, domainOf(h, 1).events.fifoArray[0], 'fifo-array').words;
const LINKED = 2 ** 29;

describe('I6.1', () => {
  test.each<[string, (h: LooseHost) => void, string[]]>([
    ['a peer that is free', (h) => free(h, 1, 1), ['d0 port 6: bound to d1 port 1, which is free']],
    [
      'a peer that is unbound',
      (h) => {
        channel(h, 1, 1).binding = { state: 'unbound', remoteDomid: domid(0) };
      },
      ['d0 port 6: bound to d1 port 1, which is unbound'],
    ],
    [
      'a peer that is bound to another',
      (h) => {
        channel(h, 1, 1).binding = {
          state: 'interdomain',
          remoteDomid: domid(0),
          remotePort: port(5),
        };
      },
      [
        'd0 port 6: bound to d1 port 1, which is bound to d0 port 5',
        'd1 port 1: bound to d0 port 5, which is ipi',
      ],
    ],
    [
      'a peer in no domain',
      (h) => {
        channel(h, 1, 3).binding = {
          state: 'interdomain',
          remoteDomid: domid(77),
          remotePort: port(1),
        };
      },
      ['d1 port 3: bound to d77 port 1, which is free'],
    ],
  ])('%s', async (_name, spoil, findings) => {
    expect(await ofHost('I6.1', spoilt(spoil))).toEqual(findings);
  });

  test('a channel of a domain to itself is symmetric too', async () => {
    // Ports 2 and 3 of d2 in the mixed host.
    expect(
      await ofHost(
        'I6.1',
        spoilt((h) => free(h, 2, 3)),
      ),
    ).toEqual(['d2 port 2: bound to d2 port 3, which is free']);
  });
});

describe('I6.2', () => {
  test('both counts', async () => {
    const host = spoilt((h) => {
      domainOf(h, 1).events.activeChannels = 2;
      domainOf(h, 3).events.xenChannels = 0;
    });
    expect(await ofHost('I6.2', host)).toEqual([
      'd1: active_evtchns 2, ports in use 3',
      'd3: xen_evtchns 0, Xen-attached ports 3',
    ]);
  });

  test('a port without a bucket', async () => {
    const host = spoilt((h) => {
      domainOf(h, 1).events.validPorts = 3;
    });
    expect(await ofHost('I6.2', host)).toEqual(['d1 port 3: not below valid_evtchns 3']);
  });
});

describe('I6.3', () => {
  test('a port that the table lost', async () => {
    expect(
      await ofHost(
        'I6.3',
        spoilt((h) => {
          vcpuOf(h, 1, 1).virqToPort = {};
        }),
      ),
    ).toEqual(['d1 port 2: VIRQ 0, but the table of d1v1 has port 0']);
  });
  test('an entry whose port is something else', async () => {
    expect(
      await ofHost(
        'I6.3',
        spoilt((h) => {
          vcpuOf(h, 1, 0).virqToPort = { 1: 1 };
        }),
      ),
    ).toEqual(['d1v0: its table has port 1 for VIRQ 1, which is interdomain']);
  });
  test('a global VIRQ is in the table of vCPU 0, also when it notifies another', async () => {
    const moved = spoilt((h) => {
      channel(h, 0, 3).notifyVcpu = 1;
    });
    expect(await ofHost('I6.3', moved)).toEqual([]);
  });
});

describe('I6.4', () => {
  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'a tail that is lost',
      (h) => {
        vcpuOf(h, 1, 0).fifo?.tails.fill(0);
      },
      'd1v0 queue 7: ends at port 3, Xen has the tail at 0',
    ],
    [
      'a word that is not LINKED',
      (h) => {
        words(h)[2] = (words(h)[2] as number) - LINKED;
      },
      'd1v0 queue 7: port 2 is not LINKED',
    ],
    [
      'a circle',
      (h) => {
        words(h)[3] = (words(h)[3] as number) + 2;
      },
      'd1v0 queue 7: port 2 is on it twice',
    ],
    [
      'a chain cut short',
      (h) => {
        words(h)[2] = (words(h)[2] as number) - 3;
      },
      'd1 port 3: LINKED, but on no queue',
    ],
    [
      'a last queue that is another',
      (h) => {
        channel(h, 1, 2).lastQueue = { vcpu: 1, priority: 7 };
      },
      'd1 port 2: on queue 7 of v0, fifo_lastq says 7 of v1',
    ],
    [
      'a port on two queues',
      (h) => {
        const v = vcpuOf(h, 1, 1);
        const heads = new Array<number>(16).fill(0);
        heads[7] = 3;
        contentIn(h, v.fifo?.control.frame, 'fifo-control').blocks[0] = { ready: 128, heads };
        if (v.fifo !== null) v.fifo.tails[7] = 3;
      },
      'd1 port 3: on queue 7 of v0 and on queue 7 of v1',
    ],
    [
      'a link out of the array',
      (h) => {
        words(h)[3] = (words(h)[3] as number) + 5000;
      },
      'd1v0 queue 7: port 5000 has no event word',
    ],
  ])('%s', async (_name, spoil, finding) => {
    expect(await ofHost('I6.4', queued())).toEqual([]);
    expect(await ofHost('I6.4', spoilt(spoil, queued()))).toContain(finding);
  });
});

describe('I6.5', () => {
  const shared = (h: LooseHost) => contentIn(h, domainOf(h, 1).sharedInfo, 'shared_info');

  test('2-level: a pending bit that is cleared, one that is set, a mask that changes', async () => {
    // In the mixed host port 1 of d1 is pending, port 2 pending and masked.
    expect(
      await ofUpdate('I6.5', (h) => {
        shared(h).pending = [2, 3];
      }),
    ).toEqual(['d1 port 1: was pending and is not', 'd1 port 3: pending, and nobody raised it']);
    expect(
      await ofUpdate('I6.5', (h) => {
        shared(h).masked = [3];
      }),
    ).toEqual(['d1 port 2: lost its mask', 'd1 port 3: became masked']);
  });

  test('2-level: pending, but the upcall is gone', async () => {
    const quiet = (h: LooseHost) => {
      const info = shared(h).vcpus[0];
      if (info !== undefined) shared(h).vcpus[0] = { ...info, upcallPending: false };
    };
    const findings = ['d1 port 1: pending, but the guest would not find it'];
    expect(await ofUpdate('I6.5', quiet)).toEqual(findings);
    // A vcpu_info that xen#2 looks for at another place is as good as gone.
    expect(
      await ofUpdate('I6.5', (h) => {
        vcpuOf(h, 1, 0).vcpuInfo = { frame: 3 as never, offset: 0 };
      }),
    ).toEqual(findings);
  });

  test('FIFO: a tail that is lost makes the next event hide the queue (S47)', async () => {
    const findings = await ofUpdate(
      'I6.5',
      (h) => {
        vcpuOf(h, 1, 0).fifo?.tails.fill(0);
      },
      queued(),
    );
    expect(findings).toEqual(
      [1, 2, 3].map((p) => `d1 port ${p}: pending, but the guest would not find it`),
    );
  });

  test('FIFO: an event remembered for a port beyond the array', async () => {
    const before = spoilt((h) => {
      const c = channel(h, 1, 1);
      domainOf(h, 1).events.channels[2000] = { ...c, pendingBeyondArray: true };
    }, queued());
    expect(await ofUpdate('I6.5', () => undefined, before)).toEqual([]);
    expect(
      await ofUpdate(
        'I6.5',
        (h) => {
          channel(h, 1, 2000).pendingBeyondArray = false;
        },
        before,
      ),
    ).toEqual(['d1 port 2000: was pending and is not']);
  });

  test('an interrupt of a device may come at any time', async () => {
    const word = (h: LooseHost) =>
      contentIn(h, domainOf(h, 0).events.fifoArray[0], 'fifo-array').words;
    const before = spoilt((h) => {
      word(h)[4] = 0;
    });
    const pirq = await ofUpdate(
      'I6.5',
      (h) => {
        word(h)[4] = 2 ** 31;
      },
      before,
    );
    expect(pirq).toEqual([]);
    expect(
      await ofUpdate(
        'I6.5',
        (h) => {
          word(h)[5] = 2 ** 31;
        },
        before,
      ),
    ).toEqual(['d0 port 5: pending, and nobody raised it']);
  });
});

describe('I6.6', () => {
  test.each<[string, (h: LooseHost) => void, string]>([
    ['a port that is gone', (h) => free(h, 1, 3), 'd1 port 3: unbound for d0, v0 -> free'],
    [
      'another number',
      (h) => {
        domainOf(h, 1).events.channels[9] = channel(h, 1, 3);
      },
      'd1 port 9: free -> unbound for d0, v0',
    ],
    [
      'another priority',
      (h) => {
        channel(h, 0, 5).priority = 7;
      },
      'd0 port 5: IPI, v1, priority 3 -> IPI, v1, priority 7',
    ],
    [
      'another vCPU',
      (h) => {
        channel(h, 1, 1).notifyVcpu = 1;
      },
      'd1 port 1: d0 port 6, v0 -> d0 port 6, v1',
    ],
    [
      'a consumer that is lost',
      (h) => {
        channel(h, 3, 1).xenConsumer = null;
      },
      "d3 port 1: d0 port 8, v0, ioreq of Xen's -> d0 port 8, v0",
    ],
    [
      'the ABI',
      (h) => {
        domainOf(h, 0).events.abi = '2l';
      },
      'd0: ABI fifo -> 2l',
    ],
    [
      'a limit',
      (h) => {
        domainOf(h, 1).events.maxPort = 1023;
      },
      'd1: max port 4095 -> 1023',
    ],
    [
      'the suspend port',
      (h) => {
        domainOf(h, 1).events.suspendPort = port(3);
      },
      'd1: suspend port 0 -> 3',
    ],
    [
      'a domain',
      (h) => {
        delete h.xen.domains[1];
      },
      'd1: is gone, with its ports',
    ],
  ])('%s', async (_name, spoil, finding) => {
    expect(await ofUpdate('I6.6', spoil)).toContain(finding);
  });

  test('the 2-level ABI has no priorities to lose', async () => {
    expect(
      await ofUpdate('I6.6', (h) => {
        channel(h, 1, 1).priority = 3;
      }),
    ).toEqual([]);
  });

  test('nothing else is told', async () => {
    expect(await ofUpdate('I6.6', () => undefined, mixedHost())).toEqual([]);
  });
});
