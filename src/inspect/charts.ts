/**
 * Every machine of the model, laid out to be drawn. A layout takes a tenth of
 * a second and more, so the build keeps them; one that is not of the machine
 * as it is now is made anew.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { MACHINES } from '../../machines/index.ts';
import type { LaidOutChart } from '../report/chart-drawing.ts';
import { layOut } from '../report/chart-layout.ts';
import { type ChartModel, chartModel } from '../report/chart-model.ts';

/** Where the build keeps them, seen from this file when compiled. */
const KEPT = new URL('../../page/charts.json', import.meta.url);

const readKept = async (): Promise<readonly LaidOutChart[]> => {
  try {
    const kept: unknown = JSON.parse(await readFile(KEPT, 'utf8'));
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
};

const isOf = (chart: LaidOutChart, model: ChartModel): boolean => {
  const { id, description, states, transitions } = chart;
  return isDeepStrictEqual({ id, description, states, transitions }, model);
};

/** In the order of the registry. */
export const allCharts = async (
  onProgress: (what: string) => void = () => undefined,
): Promise<LaidOutChart[]> => {
  const kept = await readKept();
  const charts: LaidOutChart[] = [];
  for (const [name, machine] of Object.entries(MACHINES)) {
    const model = chartModel(machine);
    const known = kept.find((chart) => isOf(chart, model));
    if (known === undefined) onProgress(`laying out ${name}`);
    charts.push(known ?? (await layOut(model)));
  }
  return charts;
};

/** For the build: lays all of them out and keeps them. */
export const keepCharts = async (): Promise<void> =>
  writeFile(KEPT, JSON.stringify(await allCharts()));
