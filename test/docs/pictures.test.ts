import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MACHINES } from '../../machines/index.ts';
import { layOut } from '../../src/report/chart-layout.ts';
import { chartModel } from '../../src/report/chart-model.ts';
import { chartSvg } from '../../src/report/chart-svg.ts';

const PICTURES = join(import.meta.dirname, '../../docs/pictures');

test.each(Object.entries(MACHINES))(
  'the picture of %s is the one of today',
  async (name, machine) => {
    const file = join(PICTURES, `${name}.svg`);
    const made = chartSvg(await layOut(chartModel(machine)), true);
    const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
    expect(
      kept === made,
      `make it anew: xen-lu machines ${name} --svg > docs/pictures/${name}.svg`,
    ).toBe(true);
  },
);
