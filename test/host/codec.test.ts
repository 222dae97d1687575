/** A host is the same after JSON; what is no host is an error, not a crash. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { finish } from '../../src/host/build/finish.ts';
import { addIoreqServer, sendIoreq } from '../../src/host/build/ioreq.ts';
import { startDying } from '../../src/host/build/lifecycle.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { addPartialTable, setOldGuestTable } from '../../src/host/build/page-tables.ts';
import { loadKexec } from '../../src/host/build/system.ts';
import { Bytes, byNumber, Natural, numericEntries, U16, U32 } from '../../src/host/codec.ts';
import { type Host, HostCodec } from '../../src/host/host.ts';
import { Domid, Mfn, Port } from '../../src/host/ids.ts';

/** What a reader in another process would get: text and back. */
const throughJson = (host: Host): unknown =>
  JSON.parse(JSON.stringify(HostCodec.encode(host as Parameters<typeof HostCodec.encode>[0])));

const unusual = (): Host => {
  const draft = buildHost({ version: '4.11', rules: { partialHoldsGeneralRef: false } });
  const d = addDomain(draft, { type: 'pv', pages: 32, vcpus: 2 });
  setOldGuestTable(
    draft,
    d,
    1,
    addPartialTable(draft, d, { level: 2, children: [], validated: 0 }),
  );
  addDomain(draft, { type: 'hvm', pages: 16 });
  sendIoreq(draft, 1, addIoreqServer(draft, 1, { emulator: 0 }), 0, 2);
  startDying(draft, 1, 'paging');
  loadKexec(draft, 'live_update', { build: { ...draft.xen.build, version: '4.20' } });
  return finish(draft);
};

describe('HostCodec', () => {
  test.each([
    ['mixed', mixedHost],
    ['interrupted', unusual],
  ])('the %s host survives text', (_name, make) => {
    const host = make();
    expect(HostCodec.decode(throughJson(host))).toEqual(E.right(host));
  });

  test('run lengths keep the text short', () => {
    // 1792 frames, four words each, would be more than 14 kB as plain numbers alone.
    const { frames } = (throughJson(mixedHost()) as { xen: { frames: unknown } }).xen;
    expect(JSON.stringify(frames).length).toBeLessThan(8000);
  });

  type Json = Record<string, unknown>;
  const at = (json: unknown, ...path: string[]): Json =>
    path.reduce((o, key) => o[key] as Json, json as Json);

  test.each<[string, (json: unknown) => void]>([
    ['no hardware', (j) => delete at(j).hardware],
    ['a domid out of range', (j) => (at(j, 'xen', 'domains', '0').domid = 0x8000)],
    ['a domain type of its own', (j) => (at(j, 'xen', 'domains', '0').type = 'arm')],
    ['a negative count', (j) => (at(j, 'xen', 'domains', '0').refcnt = -1)],
    ['half a frame', (j) => (at(j, 'xen', 'image').start = 0.5)],
    ['a type count over 32 bits', (j) => (at(j, 'xen', 'frames').typeCount = [[2 ** 32, 1]])],
    ['an owner over 16 bits', (j) => (at(j, 'xen', 'frames').owner = [[0x1_0000, 1]])],
    ['a run beyond all memory', (j) => (at(j, 'xen', 'frames').owner = [[0, 2 ** 50]])],
    ['content of no known kind', (j) => (at(j, 'hardware', 'content')['9'] = { kind: 'x' })],
    [
      'content at no frame',
      (j) => (at(j, 'hardware', 'content')['-1'] = { kind: 'value', value: 1 }),
    ],
  ])('%s is refused', (_name, spoil) => {
    const json = throughJson(mixedHost());
    spoil(json);
    expect(E.isLeft(HostCodec.decode(json))).toBe(true);
  });

  test.each([[null], [undefined], [7], ['host'], [[]], [{}]])('%o is no host', (value) => {
    expect(E.isLeft(HostCodec.decode(value))).toBe(true);
  });
});

describe('small codecs', () => {
  test('run lengths: runs out, words in', () => {
    expect(U32.encode(Uint32Array.of(7, 7, 7, 0, 5))).toEqual([
      [7, 3],
      [0, 1],
      [5, 1],
    ]);
    expect(
      U16.decode([
        [1, 2],
        [3, 1],
      ]),
    ).toEqual(E.right(Uint16Array.of(1, 1, 3)));
    expect(U32.encode(new Uint32Array(0))).toEqual([]);
  });

  test('bytes are base64', () => {
    expect(Bytes.encode(Uint8Array.of(0, 255, 16))).toBe('AP8Q');
    expect(Bytes.decode('AP8Q')).toEqual(E.right(Uint8Array.of(0, 255, 16)));
    expect(E.isLeft(Bytes.decode('not base64!'))).toBe(true);
  });

  test('records by number are walked in ascending order', () => {
    const decoded = byNumber(Natural).decode({ '10': 1, '9': 2, '0': 3 });
    expect(E.isRight(decoded) && numericEntries(decoded.right)).toEqual([
      [0, 3],
      [9, 2],
      [10, 1],
    ]);
    expect(E.isLeft(byNumber(Natural).decode({ a: 1 }))).toBe(true);
  });

  test('ids have the ranges of the field', () => {
    expect([0, 0x7fef, 0x7fff].map((n) => Domid.is(n))).toEqual([true, true, true]);
    expect([-1, 0x8000, 0.5].map((n) => Domid.is(n))).toEqual([false, false, false]);
    expect([0, 131071, 131072].map((n) => Port.is(n))).toEqual([true, true, false]);
    expect([2 ** 28 - 1, 2 ** 28].map((n) => Mfn.is(n))).toEqual([true, false]);
  });
});
