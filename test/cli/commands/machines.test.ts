import { expect, test } from 'vitest';
import { MACHINES } from '../../../machines/index.ts';
import { machines } from '../../../src/cli/commands/machines.ts';
import { expectReadable, runCommand } from './run-command.ts';

test('lists every machine, within the width of a mail', async () => {
  const { code, out } = await runCommand(machines);
  expect(code).toBe(0);
  expectReadable(out);
  for (const name of Object.keys(MACHINES)) expect(out).toContain(name);
});

test('shows one machine with its way of no return', async () => {
  const { code, out } = await runCommand(machines, 'live-update');
  expect(code).toBe(0);
  expectReadable(out);
  expect(out).toMatch(/lu\.jump \/ jump -> booting {2}POINT OF NO RETURN/);
  expect(out).toMatch(/\n {4}pass1: Ownership of all pages/);
});

test('gives data and pictures', async () => {
  const asJson = JSON.parse((await runCommand(machines, 'live-update', '--json')).out);
  expect(asJson.states.length).toBeGreaterThan(20);
  expect((await runCommand(machines, 'live-update', '--svg')).out).toMatch(/^<svg .*<\/svg>$/s);
  expect((await runCommand(machines, 'live-update', '--mermaid')).out).toMatch(
    /^stateDiagram-v2\n/,
  );
  expect(JSON.parse((await runCommand(machines, '--json')).out)).toHaveLength(
    Object.keys(MACHINES).length,
  );
});

test.each<[string[], RegExp]>([
  [['nothing'], /no machine "nothing"; there are live-update/],
  [['toString'], /no machine "toString"/],
  [['live-update', 'more'], /one NAME at most/],
  [['live-update', '--svg', '--json'], /exclude each other/],
  [['--svg'], /--svg wants a NAME/],
])('%j is wrong usage', async (args, what) => {
  const { code, err } = await runCommand(machines, ...args);
  expect(code).toBe(2);
  expect(err).toMatch(what);
});
