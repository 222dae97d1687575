import fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { exploreSync, fromItf, type Trace, toItf } from '../../src/explore/index.ts';
import { tableEventsOf, tables } from './machines/two-phase.ts';

/** What goes over a wire and comes back. */
const overTheWire = (trace: Trace) => fromItf(JSON.parse(JSON.stringify(toItf(trace))));

const traceWith = (context: unknown, loop?: number): Trace => {
  const state = { value: 'a', context, history: { h: ['a.b'] }, status: 'active', output: 1n };
  const steps = [{ event: { type: 'GO', to: context }, state }];
  return loop === undefined ? { start: state, steps } : { start: state, steps, loop };
};

describe('ITF', () => {
  test('a trace of the explorer comes back as it went', () => {
    const result = exploreSync(tables(2), {
      events: tableEventsOf(2),
      always: { 'nobody commits': ({ context }) => !context.rm.includes('committed') },
    });
    if (result.verdict !== 'violated' || result.trace === undefined) throw new Error('no trace');
    const itf = toItf(result.trace);
    expect(itf.states).toHaveLength(result.trace.steps.length + 1);
    expect(itf.states[0]).toMatchObject({ '#meta': { index: 0 }, event: { type: 'xstate.init' } });
    expect(overTheWire(result.trace)).toEqual({ _tag: 'Right', right: result.trace });
  });

  test('every value comes back as it went', () => {
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withSet: true, withMap: true, withTypedArray: false }),
      fc.uint8Array(),
      fc.float64Array(),
      fc.date({ noInvalidDate: true }),
      fc.dictionary(fc.constantFrom('#set', '##x', '__proto__', 'a', '#bigint'), fc.nat()),
    );
    fc.assert(
      fc.property(value, (context) => {
        expect(overTheWire(traceWith(context, 1))).toEqual({
          _tag: 'Right',
          right: traceWith(context, 1),
        });
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  test('what is no trace is told, never thrown', () => {
    const good = toItf(traceWith({ n: 1 }));
    const [first] = good.states;
    const bad: unknown[] = [
      null,
      [],
      {},
      { states: [] },
      { states: [null] },
      { states: [{}] },
      { ...good, loop: 9 },
      { ...good, loop: -1 },
      { ...good, loop: 'x' },
      { states: [{ ...first, event: {} }] },
      { states: [{ ...first, context: { '#map': [1] } }] },
      { states: [{ ...first, context: { '#bigint': 'x' } }] },
      { states: [{ ...first, context: { '#unserializable': 'window' } }] },
    ];
    for (const one of bad) expect(isLeft(fromItf(one))).toBe(true);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(isLeft(fromItf({ states: [{ ...first, context: deep }] }))).toBe(true);
    fc.assert(
      fc.property(fc.anything(), (thing) => isLeft(fromItf(thing)) || isRight(fromItf(thing))),
    );
  });
});
