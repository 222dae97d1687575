import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDesign, without } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { diffHosts, EXACT } from '../../src/host/diff.ts';
import { steps } from '../../src/hypercalls/events.ts';
import { decodeEvent } from '../../src/trace/event-codec.ts';
import { decodeTrace, encodeTrace, isTrace, type Trace } from '../../src/trace/trace-file.ts';
import { ran, version } from '../support/updates.ts';

const host = mixedHost();
const design = { ...without(defaultDesign, 'R26'), policies: defaultDesign.policies };
const trace: Trace = {
  host,
  from: version('4.17'),
  to: version('4.20'),
  design,
  commandLine: 'console=com1',
  build: { ...host.xen.build, version: '4.20' },
  events: ran(host, { design, to: '4.20' }).steps.map((s) => s.event),
};
const json = (): { [key: string]: unknown } => JSON.parse(encodeTrace(trace));
const faultOf = (change: (file: ReturnType<typeof json>) => void): string => {
  const file = json();
  change(file);
  const decoded = decodeTrace(file);
  return isLeft(decoded) ? decoded.left : 'none';
};
const startOf = (file: ReturnType<typeof json>): { [key: string]: unknown } =>
  file['start'] as { [key: string]: unknown };

describe('a trace file', () => {
  test('comes back as it was written', () => {
    const back = decodeTrace(json());
    if (isLeft(back)) throw new Error(back.left);
    expect(back.right.events).toEqual(trace.events);
    expect(diffHosts(host, back.right.host, EXACT)).toEqual([]);
    expect(back.right.design).toEqual(design);
    expect([back.right.from.id, back.right.to.id]).toEqual(['4.17', '4.20']);
    expect(encodeTrace(back.right)).toBe(encodeTrace(trace));
  });

  test('has one line for each event', () => {
    const lines = encodeTrace(trace).split('\n');
    expect(lines.slice(1, -2).map((l) => JSON.parse(l.replace(/,$/, '')))).toEqual(trace.events);
  });

  test.each<[string, (file: ReturnType<typeof json>) => void, RegExp]>([
    ['another format', (f) => Object.assign(f, { format: 'itf' }), /not a trace/],
    ['another version', (f) => Object.assign(f, { version: 2 }), /of version 1 are read, not of 2/],
    ['no start', (f) => Object.assign(f, { start: null }), /^start/],
    ['no events', (f) => Object.assign(f, { events: {} }), /events is no list/],
    ['a strange event', (f) => Object.assign(f, { events: [{ type: 'toString' }] }), /event 1: /],
    [
      'an unknown version of Xen',
      (f) => Object.assign(startOf(f), { from: '3.0' }),
      /no description of Xen 3\.0; there are 4\.11/,
    ],
    [
      'an unknown rule',
      (f) => Object.assign(startOf(f), { design: { dropped: ['R999'], policies: {} } }),
      /^start\.design\.dropped\.0/,
    ],
    [
      'an unknown answer',
      (f) => Object.assign(startOf(f), { design: { dropped: [], policies: { Q3: 'toString' } } }),
      /Q3 has no answer "toString"/,
    ],
    [
      'an unknown question',
      (f) => Object.assign(startOf(f), { design: { dropped: [], policies: { valueOf: 'a' } } }),
      /no question "valueOf"/,
    ],
    [
      'a host without a frame table',
      (f) => Object.assign(startOf(f), { host: { hardware: {}, xen: {} } }),
      /^start\.host/,
    ],
  ])('with %s is refused with the place', (_name, change, fault) => {
    expect(faultOf(change)).toMatch(fault);
  });

  test('is told from other JSON by its format alone', () => {
    expect([json(), null, [], { format: 'xen-lu' }].map(isTrace)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('an event from outside', () => {
  test('of every name in the registry is known', () => {
    for (const type of Object.keys(steps)) {
      const decoded = decodeEvent({ type });
      expect(isLeft(decoded) ? decoded.left : '').not.toMatch(/there is no event/);
    }
  });

  test.each<[unknown, RegExp]>([
    [null, /an event is an object/],
    [{}, /there is no event nothing/],
    [{ type: '__proto__' }, /there is no event "__proto__"/],
    [{ type: 'lu.park' }, /lu\.park: "domid" is nothing, not Natural/],
    [{ type: 'lu.park', domid: -1 }, /"domid" is -1/],
    [{ type: 'lu.park', domid: 1.5 }, /"domid" is 1\.5/],
    [{ type: 'lu.park', domid: 1, vcpu: 0 }, /has no field "vcpu"/],
    [{ type: 'lu.fail', what: 'x'.repeat(5000) }, /not at most 4096 characters/],
    [{ type: 'sched.poll', domid: 0, vcpu: 0, ports: Array(600).fill(1) }, /at most 512 numbers/],
  ])('%j is refused', (input, fault) => {
    const decoded = decodeEvent(input);
    expect(isLeft(decoded) ? decoded.left : 'none').toMatch(fault);
  });

  test('keeps every field', () => {
    const event = { type: 'grant.offer', domid: 1, vcpu: 0, ref: 8, to: 0, gfn: 3, readonly: true };
    for (const offer of ['page', { offset: 1, length: 2 }, { domid: 0, ref: 9 }]) {
      const decoded = decodeEvent({ ...event, offer });
      expect(isRight(decoded) && decoded.right).toEqual({ ...event, offer });
    }
  });
});
