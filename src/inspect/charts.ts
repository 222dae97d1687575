/** Every machine of the model, laid out to be drawn. */
import { MACHINES } from '../../machines/index.ts';
import type { LaidOutChart } from '../report/chart-drawing.ts';
import { layOut } from '../report/chart-layout.ts';
import { chartModel } from '../report/chart-model.ts';

/** In the order of the registry. Takes about a tenth of a second each. */
export const allCharts = async (
  onProgress: (what: string) => void = () => undefined,
): Promise<LaidOutChart[]> => {
  const charts: LaidOutChart[] = [];
  for (const [name, machine] of Object.entries(MACHINES)) {
    onProgress(`laying out ${name}`);
    charts.push(await layOut(chartModel(machine)));
  }
  return charts;
};
