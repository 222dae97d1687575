/** I9.1 and I9.2: requests to emulators. */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { finish } from '../../../src/host/build/finish.ts';
import { addIoreqServer, sendIoreq } from '../../../src/host/build/ioreq.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import type { Host } from '../../../src/host/host.ts';
import { mfn, port } from '../../../src/host/ids.ts';
import {
  contentIn,
  domainOf,
  type LooseHost,
  ofHost,
  ofSaved,
  ofSteps,
  ofUpdate,
  spoilt,
} from '../support/evidence.ts';

const server = (h: LooseHost) => {
  const s = domainOf(h, 3).ioreqServers[0];
  if (s === undefined) throw new Error('d3 has no server');
  return s;
};
const setSlot = (h: LooseHost, state: number): void => {
  const { slots } = contentIn(h, server(h).ioreqPage, 'ioreq');
  const slot = slots[0];
  if (slot !== undefined) slots[0] = { ...slot, state };
};
const withSlot = (state: number, pending = state !== 0): Host =>
  spoilt((h) => {
    setSlot(h, state);
    const own = server(h).vcpus[0];
    if (own !== undefined) own.pending = pending;
  });

describe('I9.1', () => {
  test('a slot in use, a request pending', async () => {
    expect(await ofSaved('I9.1', withSlot(2))).toEqual([
      'd3v0 server 0: slot is INPROCESS',
      'd3v0 server 0: a request is pending',
    ]);
  });

  test('the buffered ring may not be touched, nor moved', async () => {
    expect(
      await ofUpdate('I9.1', (h) => {
        contentIn(h, server(h).bufioreqPage, 'bufioreq').readPointer = 3;
      }),
    ).toEqual(['d3 server 0: buffered requests 0..3 -> 3..3']);
    expect(
      await ofUpdate('I9.1', (h) => {
        server(h).bufioreqPage = mfn(7);
      }),
    ).toEqual(['d3 server 0: has another page of buffered requests']);
  });
});

describe('I9.2', () => {
  test('a request that the builder puts in flight is consistent in every state', async () => {
    for (const state of [1, 2, 3] as const) {
      const draft = buildHost();
      addDomain(draft, { type: 'pv', pages: 32 });
      addDomain(draft, { type: 'hvm', pages: 32 });
      sendIoreq(draft, 1, addIoreqServer(draft, 1, { emulator: 0 }), 0, state);
      expect(await ofHost('I9.2', finish(draft))).toEqual([]);
    }
  });

  test('S1: an answer that nobody waits for', async () => {
    expect(await ofHost('I9.2', withSlot(3, false))).toEqual([
      'd3v0 server 0: slot is RESP_READY, and nobody waits for it',
    ]);
    expect(await ofHost('I9.2', withSlot(0, true))).toEqual([
      'd3v0 server 0: waits for an answer to a request that was never sent',
    ]);
  });

  test('F9.4: ports that differ', async () => {
    const host = spoilt((h) => {
      const own = server(h).vcpus[0];
      if (own !== undefined) own.port = port(9);
    });
    expect(await ofHost('I9.2', host)).toEqual([
      'd3v0 server 0: slot notifies port 1, the server has 9',
    ]);
  });

  const go = (states: readonly number[], phase: 'quiescing' | 'restoring') =>
    ofSteps(
      'I9.2',
      states.map((s) => ({ host: withSlot(s), phase, type: 'some.step' })),
    );

  test('the whole circle is right while Xen runs', async () => {
    expect(await go([0, 1, 2, 3, 0, 1], 'quiescing')).toEqual([]);
  });

  test('a request sent twice, one dropped, one answered without the emulator', async () => {
    const page = mixedHost().xen.domains[3]?.ioreqServers[0]?.ioreqPage?.toString(16);
    const at = `frame 0x${page} slot 0: slot went`;
    expect(await go([1, 2, 1], 'quiescing')).toEqual([`${at} INPROCESS -> READY at some.step`]);
    expect(await go([1, 0], 'quiescing')).toEqual([`${at} READY -> NONE at some.step`]);
    expect(await go([1, 3], 'quiescing')).toEqual([`${at} READY -> RESP_READY at some.step`]);
  });

  test('while Xen is exchanged a slot stands still', async () => {
    expect(await go([2, 3], 'restoring')).toHaveLength(1);
    expect(await go([2, 2], 'restoring')).toEqual([]);
  });

  test('a page is watched also while no Xen knows of its server', async () => {
    const forgotten = spoilt((h) => {
      delete h.xen.domains[3];
      const page = mixedHost().xen.domains[3]?.ioreqServers[0]?.ioreqPage ?? 0;
      const { slots } = contentIn(h, page, 'ioreq');
      const slot = slots[0];
      if (slot !== undefined) slots[0] = { ...slot, state: 1 };
    });
    const findings = await ofSteps('I9.2', [
      { host: mixedHost(), phase: 'saving' },
      { host: forgotten, phase: 'jumped' },
    ]);
    expect(findings).toHaveLength(1);
  });
});
