import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHARTS } from '../../machines/charts.ts';
import { guardQuestions } from '../../src/world/chart.ts';
import { treeOf } from '../../src/world/tree.ts';

test('charts have different names', () => {
  const names = CHARTS.map((c) => c.name);
  expect(new Set(names).size).toBe(names.length);
  expect(CHARTS.map((c) => c.machine.id)).toEqual(names);
});

describe.each(CHARTS.map((c) => [c.name, c] as const))('the chart %s', (name, chart) => {
  const { nodes, transitions } = treeOf(chart.machine);
  const states = chart.machine.root.machine.states;

  test('says of every state what it is, on what facts, and only what it can say', () => {
    expect(chart.machine.root.description).toBeTruthy();
    const walk = (all: typeof states): void => {
      for (const node of Object.values(all)) {
        const meta = node.meta as { facts?: string[]; says?: string } | undefined;
        expect([node.id, typeof node.description]).toEqual([node.id, 'string']);
        expect([node.id, meta?.facts?.length ?? 0]).not.toEqual([node.id, 0]);
        if (meta?.says !== undefined) expect(Object.keys(chart.says)).toContain(meta.says);
        walk(node.states as typeof states);
      }
    };
    walk(states);
    expect(nodes.some((n) => n.says !== null)).toBe(true);
  });

  test('asks only guards that it has, and changes the world only by `step`', () => {
    const known = Object.keys(guardQuestions(chart.says, chart.questions));
    for (const t of transitions) if (t.guard !== null) expect(known).toContain(t.guard);
    const text = JSON.stringify(chart.machine.config);
    expect(text.match(/"actions":(?!"step")/g)).toBeNull();
    expect(text).not.toMatch(/"(after|invoke)":/);
  });

  test('is one literal that an editor can read: no spread, no computed key', () => {
    const file = join(import.meta.dirname, `../../machines/${name}.ts`);
    const config = readFileSync(file, 'utf8').split('.createMachine({')[1]?.split('\n});')[0] ?? '';
    expect(config).toContain(`id: '${name}'`);
    expect(config).not.toMatch(/\.\.\.|\[[a-z]\w*\]:/);
  });

  test('can be exported as JSON, with every state', () => {
    const definition = JSON.stringify(chart.machine.toJSON());
    for (const n of nodes) expect(definition).toContain(`"id":"${n.id}"`);
  });
});
