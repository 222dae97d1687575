/** `xen-lu explore` and `xen-lu export` as people run them, on files as people write them. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isRight } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromItf } from '../../src/explore/index.ts';
import { ROOT } from '../support/compiled.ts';
import { buildProgram, type Program } from './program.ts';

let program: Program;

beforeAll(async () => {
  program = await buildProgram();
  for (const [name, content] of Object.entries(FILES)) program.write(name, content);
  // require() looks for packages beside the file.
  symlinkSync(join(ROOT, 'node_modules'), join(program.folder, 'old/node_modules'));
});
afterAll(() => program.remove());

/** A lamp that counts its switching modulo 7: 14 states. */
const LAMP = `
import { exploreSync } from 'xen-lu/explore';
import { assign, createMachine } from 'xstate';
import { next } from './next.mjs';

export const machine = createMachine({
  id: 'lamp',
  context: { n: 0 },
  initial: 'dark',
  states: {
    dark: { on: { ON: { target: 'lit', actions: assign({ n: ({ context }) => next(context.n) }) } } },
    lit: { on: { OFF: 'dark' } },
    broken: {},
  },
});
export const events = ['ON', { type: 'OFF', by: 'hand' }];
export const invariants = {
  'stays small': ({ context }) => context.n < 5,
  'never breaks': (state) => typeof exploreSync === 'function' && !state.matches('broken'),
};
`;

/** Three counters, 216,000 states. */
const COUNTERS = `
import { assign, createMachine } from 'xstate';
export const events = ['a', 'b', 'c'];
export const machine = createMachine({
  context: { a: 0, b: 0, c: 0 },
  on: Object.fromEntries(events.map((key) => [
    key,
    { actions: assign({ [key]: ({ context }) => (context[key] + 1) % 60 }) },
  ])),
});
`;

/** The same; at one of its states somebody presses Ctrl-C. */
const INTERRUPTED = `
export { events, machine } from './counters.mjs';
let pressed = false;
const press = () => {
  if (!pressed) process.kill(process.pid, 'SIGINT');
  pressed = true;
  return true;
};
export const invariants = { calm: ({ context }) => context.a !== 20 || press() };
`;

/** As people write it: types imported unmarked, an enum, the names of imports in three ways. */
const TYPED = `
import { type ActorRefFrom, AnyEventObject, assign, setup } from 'xstate';
import type { StateView } from 'xen-lu/explore';
import { Colour, next } from './typed/next.ts';
import { one } from './typed/one.js';
import { two } from './typed/two';

interface Context { n: number; colour: Colour }
export const machine = setup({
  types: { context: {} as Context, events: {} as { type: 'ON' } },
}).createMachine({
  context: { n: 0, colour: Colour.Red },
  on: { ON: { actions: assign({ n: ({ context }) => next<number>(context.n, one + two - 2) }) } },
});
export const events: AnyEventObject[] = [{ type: 'ON' }];
export const invariants = {
  red: ({ context }: StateView<Context>): boolean => context!.colour === Colour.Red,
};
export type Ref = ActorRefFrom<typeof machine>;
`;

const FILES: Readonly<Record<string, string>> = {
  'lamp.mjs': LAMP,
  'next.mjs': 'export const next = (n) => (n + 1) % 7;',
  'counters.mjs': COUNTERS,
  'counters.ts': COUNTERS,
  'interrupted.mjs': INTERRUPTED,
  'old/machine.cjs': `
    const { createMachine } = require('xstate');
    exports.machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } });
  `,
  'lamp.ts': TYPED,
  'typed/next.ts': `export enum Colour { Red, Green }
    export const next = <T extends number>(n: T, by: T): number => (n + by) % 7;`,
  'typed/one.ts': 'export const one: number = 1;',
  'typed/two.ts': 'export const two = 2 satisfies number;',
  'syntax.ts': 'export const a: number = 1;\n\nexport const = 2;',
  'imports.ts': "import { a } from './syntax.ts';\nexport const machine = a;",
  'throws.ts': "interface A { a: 1 }\ntype B = A;\nthrow new Error('no lamp');",
  'unknown.ts':
    "interface A { a: 1 }\nimport { nope } from 'xstate';\nexport const machine = nope;",
  'syntax.mjs': 'export const machine = 1;\nexport const = 2;',
  'imports.mjs': "import { x } from './syntax.mjs';\nexport const machine = x;",
  'throws.mjs': "\nthrow new Error('no lamp');",
  'lacking.mjs': "import { x } from 'not-installed';\nexport const machine = x;",
  'empty.mjs': 'export const x = 1;',
  'wrong.mjs': 'export const machine = { states: {} };',
  'events.mjs': 'export const machine = {};\nexport const events = [{ typ: 1 }];',
  'options.mjs': 'export const machine = {};\nexport const options = { depth: 3 };',
  'actors.mjs': `
    import { createMachine, fromPromise, raise } from 'xstate';
    export const machine = createMachine({ id: 'm', initial: 'a', states: {
      a: { invoke: { src: fromPromise(async () => 1) }, on: { GO: 'b' } },
      b: { after: { 10: 'c' } },
      c: { entry: raise({ type: 'GO' }, { delay: 5 }) },
    } });
  `,
  'guard.mjs': `
    import { createMachine } from 'xstate';
    export const machine = createMachine({ id: 'm', initial: 'a', states: {
      a: { on: { GO: { target: 'b', guard: () => { throw new Error('no guard'); } } } },
      b: {},
    } });
  `,
};

const flat = (text: string): string => text.replace(/\s+/g, ' ');

describe('explore', () => {
  test('JSON has what was asked for, and the shortest way to what is broken', async () => {
    const { code, out, err } = await program.run('explore', 'lamp.mjs', '--json');
    expect([code, err]).toEqual([1, '']);
    const result = JSON.parse(out);
    expect(result).toMatchObject({
      verdict: 'violated',
      property: { kind: 'always', name: 'stays small' },
      depth: 9,
      coverage: { states: { missed: ['#lamp.broken'] } },
      reductions: [],
    });
    expect(result.trace.steps).toHaveLength(9);
    expect(result.trace.steps.at(-1)).toMatchObject({
      event: { type: 'ON' },
      state: { value: 'lit', context: { n: 5 } },
    });
    for (const key of ['seconds', 'statesPerSecond', 'bytesPerState']) {
      expect(result[key]).toBeGreaterThan(0);
    }
  });

  test('an invariant picked by its name is the only one checked', async () => {
    const args = ['explore', 'lamp.mjs', '--json', '--invariant', 'never breaks'];
    const { code, out } = await program.run(...args);
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ verdict: 'holds', states: 14, transitions: 14, depth: 13 });
    expect(result).not.toHaveProperty('trace');
    const none = await program.run('explore', 'lamp.mjs', '--invariant', 'nver');
    expect(none.code).toBe(2);
    expect(flat(none.err)).toContain('"stays small", "never breaks"');
  });

  test('words fit a mail, name the invariant and show each step', async () => {
    const { code, out } = await program.run('explore', 'lamp.mjs', '--itf', 'trace.json');
    expect(code).toBe(1);
    expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
    expect(out).toContain('VIOLATED: always "stays small"');
    expect(out).toContain('OFF {"by":"hand"}');
    expect(out).toContain('"lit"  n = 5');
    const itf = JSON.parse(readFileSync(join(program.folder, 'trace.json'), 'utf8'));
    const trace = fromItf(itf);
    expect(isRight(trace) && trace.right.steps).toHaveLength(9);
  });

  test('a trace is followed, to its end or to where it parts from the machine', async () => {
    const good = await program.run('explore', 'lamp.mjs', '--follow', 'trace.json');
    expect([good.code, good.err]).toEqual([0, '']);
    expect(good.out).toContain('RUN: the machine does all of it');
    const text = readFileSync(join(program.folder, 'trace.json'), 'utf8');
    program.write('other.json', text.replace('"n":2', '"n":4'));
    const { code, out } = await program.run('explore', 'lamp.mjs', '--follow', 'other.json');
    expect(code).toBe(1);
    expect(out).toContain('NO RUN: step 3, {"type":"ON"}, leads to another state:');
    expect(out).toContain('context.n: the machine has 2, the trace 4');
    expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
    program.write('early.json', text.replace('"type":"OFF","by":"hand"', '"type":"ON"'));
    const json = await program.run('explore', 'lamp.mjs', '--follow', 'early.json', '--json');
    expect([json.code, JSON.parse(json.out)]).toMatchObject([
      1,
      { reason: 'not-taken', followed: 1, allowed: [{ type: 'OFF', by: 'hand' }] },
    ]);
    program.write('foreign.json', '{ "states": [{ "x": 1 }] }');
    const bad = await program.run('explore', 'lamp.mjs', '--follow', 'foreign.json');
    expect([bad.code, bad.out]).toEqual([2, '']);
    expect(bad.err.replace(/\s+/g, ' ')).toContain('foreign.json: event 0 is no record. Wanted is');
  });

  test('a file in the old module format; a state without an end as a deadlock', async () => {
    const held = await program.run('explore', 'old/machine.cjs', '--json');
    expect(JSON.parse(held.out)).toMatchObject({ verdict: 'holds', states: 2 });
    const stuck = await program.run('explore', 'old/machine.cjs', '--json', '--deadlock');
    expect(stuck.code).toBe(1);
    expect(JSON.parse(stuck.out)).toMatchObject({ property: { kind: 'deadlock' } });
  });

  test('TypeScript, with imports of TypeScript', async () => {
    const { code, out, err } = await program.run('explore', 'lamp.ts', '--json');
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'holds', states: 7, transitions: 7 });
  });

  test('limits end with an honest answer', async () => {
    const { code, out } = await program.run('explore', 'counters.mjs', '--max-states', '5000');
    expect(code).toBe(3);
    expect(out).toMatch(/INCOMPLETE: 5,00\d states seen/);
    expect(existsSync(join(program.folder, 'counters.mjs.checkpoint'))).toBe(false);
    const memory = await program.run('explore', 'counters.mjs', '--max-memory', '1', '--json');
    expect(memory.code).toBe(3);
    const result = JSON.parse(memory.out);
    expect(result).toMatchObject({ verdict: 'incomplete', reason: 'max-memory' });
    expect(result.states).toBeGreaterThan(1000);
  });

  test('Ctrl-C leaves a checkpoint, and going on comes to the same counts', async () => {
    const cut = await program.run('explore', 'interrupted.mjs', '--json');
    expect([cut.code, cut.err]).toEqual([3, '']);
    const partial = JSON.parse(cut.out);
    expect(partial).toMatchObject({ verdict: 'incomplete', reason: 'aborted' });
    expect(partial.states).toBeLessThan(216_000);
    const { checkpoint } = partial;
    expect(checkpoint).toBe('interrupted.mjs.checkpoint');
    const rest = await program.run('explore', 'counters.mjs', '--json', '--resume', checkpoint);
    const whole = await program.run('explore', 'counters.mjs', '--json');
    const [a, b] = [JSON.parse(rest.out), JSON.parse(whole.out)];
    for (const key of ['states', 'transitions', 'depth', 'verdict', 'coverage']) {
      expect(a[key]).toEqual(b[key]);
    }
    expect(a).toMatchObject({ states: 216_000, transitions: 648_000, verdict: 'holds' });
    program.write('bad.checkpoint', 'no checkpoint');
    const bad = await program.run('explore', 'counters.mjs', '--resume', 'bad.checkpoint');
    expect(bad.code).toBe(2);
    expect(flat(bad.err)).toContain('options.resume: is no checkpoint');
  });
});

describe('workers', () => {
  test('several threads come to the same, of JavaScript and of TypeScript', async () => {
    const lone = await program.run('explore', 'counters.mjs', '--json');
    for (const file of ['counters.mjs', 'counters.ts']) {
      const { code, out, err } = await program.run('explore', file, '--json', '--workers', '2');
      expect([code, err]).toEqual([0, '']);
      const { seconds: _, statesPerSecond: __, bytesPerState, ...rest } = JSON.parse(out);
      const { states, transitions, depth, verdict, coverage, reductions } = JSON.parse(lone.out);
      const same = { states, transitions, depth, verdict, coverage, reductions };
      expect(rest).toEqual({ ...same, workers: 2 });
      // Several threads begin with a table of 16 MiB; nothing else is set aside that is not used.
      expect(bytesPerState).toBeLessThan(2 ** 24 / states + 24);
    }
  });

  test('Ctrl-C stops them all, and one may go on', async () => {
    const args = ['--json', '--checkpoint', 'two.checkpoint'];
    const cut = await program.run('explore', 'interrupted.mjs', '--workers', '2', ...args);
    expect([cut.code, cut.err]).toEqual([3, '']);
    expect(JSON.parse(cut.out)).toMatchObject({ verdict: 'incomplete', reason: 'aborted' });
    const resume = ['--resume', 'two.checkpoint'];
    const rest = await program.run('explore', 'counters.mjs', '--json', ...resume);
    const whole = { states: 216_000, transitions: 648_000, verdict: 'holds' };
    expect(JSON.parse(rest.out)).toMatchObject(whole);
  });
});

describe.concurrent('bad input', () => {
  test.each([
    ['syntax.mjs', 'syntax.mjs:2: Unexpected token'],
    ['imports.mjs', 'syntax.mjs:2: Unexpected token'],
    ['syntax.ts', 'syntax.ts:3: Unexpected token'],
    ['imports.ts', 'syntax.ts:3: Unexpected token'],
    ['throws.ts', 'throws.ts:3:7: throws: no lamp'],
    ['unknown.ts', "unknown.ts:2: The requested module 'xstate' does not provide"],
    ['throws.mjs', 'throws.mjs:2:7: throws: no lamp'],
    ['lacking.mjs', "lacking.mjs: Cannot find package 'not-installed'"],
    ['empty.mjs', 'empty.mjs: exports no "machine"'],
    ['wrong.mjs', 'machine: is no XState v5 machine'],
    ['events.mjs', 'events[0] has no "type"'],
    ['options.mjs', '"options" holds "depth"'],
    ['actors.mjs', '#m.a invoke: an invoked actor is no part of a state'],
    ['actors.mjs', '#m.b after: a delayed transition needs a clock'],
    ['actors.mjs', '#m.c entry[0]: a delayed raise needs a clock'],
    ['nowhere.mjs', 'nowhere.mjs: there is no such file'],
    ['nowhere', 'no scope "nowhere"'],
  ])('%s is answered with 2 and: %s', async (file, reason) => {
    const { code, out, err } = await program.run('explore', file);
    expect([code, out]).toEqual([2, '']);
    expect(flat(err)).toContain(reason);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('a guard that throws is told with its place', async () => {
    const { code, out } = await program.run('explore', 'guard.mjs');
    expect(code).toBe(2);
    expect(flat(out)).toMatch(/ERROR at #m\.a on GO: .*no guard/);
  });

  test('a file of the user is not written over', async () => {
    program.write('mine.json', 'mine');
    for (const option of ['--itf', '--checkpoint']) {
      const { code, out, err } = await program.run('explore', 'lamp.mjs', option, 'mine.json');
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain('mine.json is there already');
    }
    expect(readFileSync(join(program.folder, 'mine.json'), 'utf8')).toBe('mine');
  });

  test.each([
    [['explore', 'lamp.mjs', '--por', '--workers', '2']],
    [['explore', 'lamp.mjs', '--symmetry']],
  ])('%j is answered with 2', async (args) => {
    const { code, out, err } = await program.run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/xen-lu: |cannot be explored/);
  });
});

describe.concurrent('export', () => {
  test('prints a model with an assertion for each broken case', async () => {
    const { code, out } = await program.run('export', 'lamp.mjs', '--promela');
    expect(code).toBe(0);
    expect(out).toContain('active proctype Machine()');
    expect(out.match(/assert\(false\)/g)).toHaveLength(2);
    const args = ['export', 'lamp.mjs', '--promela', '--invariant', 'never breaks'];
    expect((await program.run(...args)).out).not.toContain('assert');
  });

  test('a machine that cannot be explored has no model', async () => {
    const { code, err } = await program.run('export', 'actors.mjs', '--promela');
    expect(code).toBe(2);
    expect(flat(err)).toContain('#m.b after: a delayed transition needs a clock');
  });
});
