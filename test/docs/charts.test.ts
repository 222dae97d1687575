import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHARTS } from '../../machines/charts.ts';
import { liveUpdate } from '../../machines/live-update.ts';
import { treeOf } from '../../src/world/tree.ts';

const PAGE = join(import.meta.dirname, '../../docs/charts.md');
const [BEGIN, END] = ['<!-- machines -->\n', '<!-- /machines -->\n'] as const;

test('docs/charts.md has every machine, with its size', () => {
  const rows = [liveUpdate, ...CHARTS.map((c) => c.machine)].map((machine) => {
    const { nodes, transitions } = treeOf(machine);
    const draws = machine.root.description ?? '';
    return `| \`${machine.id}\` | ${draws} | ${nodes.length} | ${transitions.length} |\n`;
  });
  const head = '| machine | draws | states | transitions |\n| --- | --- | --- | --- |\n';
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const made = `${before}${BEGIN}\n${head}${rows.join('')}\n${END}${rest.split(END)[1]}`;
  if (process.env['XEN_LU_WRITE'] === '1') writeFileSync(PAGE, made);
  expect(readFileSync(PAGE, 'utf8')).toBe(made);
});
