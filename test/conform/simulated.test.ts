/** Whatever a lawful Xen does, its trace is accepted. */
import { expect, test } from 'vitest';
import { conform } from './checking.ts';
import { dice } from './faults.ts';
import { Simulator, WRONGS } from './simulator.ts';

const RUNS = 60;
const STEPS = 600;

test('traces of a small Xen that throws dice are accepted', async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const simulator = new Simulator(dice(seed * 7919));
    for (let n = 0; n < STEPS; n++) simulator.step();
    const { divergence } = await conform(simulator.script);
    expect([seed, divergence]).toEqual([seed, null]);
  }
});

test.each(WRONGS)('%s is always noticed', async (wrong) => {
  let times = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    const simulator = new Simulator(dice(seed * 104_729), wrong);
    for (let n = 0; n < STEPS && !simulator.wentWrong; n++) simulator.step();
    for (let n = 0; n < 5; n++) simulator.step();
    if (!simulator.wentWrong) continue;
    times += 1;
    const { divergence } = await conform(simulator.script);
    expect([seed, divergence === null]).toEqual([seed, false]);
  }
  expect(times).toBeGreaterThan(RUNS / 4);
});
