import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MACHINES } from '../../machines/index.ts';
import { layOut } from '../../src/report/chart-layout.ts';
import { chartModel } from '../../src/report/chart-model.ts';
import { chartSvg } from '../../src/report/chart-svg.ts';

const PICTURES = join(import.meta.dirname, '../../docs/pictures');

test.each(readdirSync(PICTURES).filter((f) => f.endsWith('.svg')))(
  'the picture %s is the one of today',
  async (file) => {
    const name = file.replace(/\.svg$/, '');
    const machine = MACHINES[name];
    expect(machine, `a picture is named for its machine, and ${name} is none`).toBeDefined();
    if (machine === undefined) return;
    const made = chartSvg(await layOut(chartModel(machine)), true);
    expect(
      readFileSync(join(PICTURES, file), 'utf8') === made,
      `make it anew: xen-lu machines ${name} --svg > docs/pictures/${name}.svg`,
    ).toBe(true);
  },
);
