/**
 * What Stately's editors need of a machine's file: they read the literal that
 * is given to createMachine and run nothing, so it must be whole by itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { MACHINES } from '../../machines/index.ts';
import { chartModel } from '../../src/report/chart-model.ts';

const CALL = '.createMachine(';

/** The text between the brackets of the call; strings are passed over. */
const literalOf = (source: string): string => {
  const start = source.indexOf(CALL) + CALL.length;
  let depth = 1;
  for (let i = start; i < source.length; i++) {
    const c = source[i] as string;
    if (c === "'" || c === '"' || c === '`') {
      for (i++; source[i] !== c; i++) if (source[i] === '\\') i++;
    } else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c) && --depth === 0) return source.slice(start, i);
  }
  throw new Error('the call has no end');
};

test.each(Object.entries(MACHINES))(
  '%s is one literal, whole without its file',
  (name, machine) => {
    const file = join(import.meta.dirname, `../../machines/${name}.ts`);
    const source = readFileSync(file, 'utf8');
    expect(source.split(CALL).length, 'one machine in a file').toBe(2);
    const literal = literalOf(source);
    expect(literal, 'nothing spread into it').not.toContain('...');
    // Whatever it named of its file would not be there.
    const config = new Function(`'use strict'; return (${literal});`)();
    const alone = createMachine({ ...config, context: {} }) as unknown as AnyStateMachine;
    const shape = (m: AnyStateMachine) => {
      const { states, transitions } = chartModel(m);
      return { states, transitions };
    };
    expect(shape(alone)).toEqual(shape(machine));
  },
);
