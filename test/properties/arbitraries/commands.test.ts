import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands as property } from '../../../properties/suite/commands.ts';
import { tryProperty } from '../../../properties/suite/try.ts';
import { defaultDesign } from '../../../src/design/design.ts';

test('x', () => {
  const t0 = process.cpuUsage().user;
  const tried = tryProperty(property, { design: defaultDesign, seed: Number(process.env.SEED ?? 1), runs: Number(process.env.RUNS ?? 60) });
  console.log((process.cpuUsage().user - t0) / 1e6);
  if (!tried.holds) console.log(tried.described.join('\n'), tried.violation.what.join('\n'), tried.runs, tried.shrinks);
  else { const c = Object.keys(tried.evidence.met).filter((k) => k.startsWith('command')); console.log(c.length, JSON.stringify(Object.fromEntries(c.map(k=>[k.slice(8), tried.evidence.met[k]])))); }
  void fc; expect(1).toBe(1);
}, 200000);
