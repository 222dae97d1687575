/** Machines in words: the list, and the states and transitions of one. */
import {
  type ChartModel,
  type ChartState,
  type ChartTransition,
  transitionText,
} from './chart-model.ts';
import { counted, wrap } from './text.ts';

/** One line for each machine, with what it is about. */
export const machineListText = (charts: readonly ChartModel[]): string => {
  const width = Math.max(...charts.map((c) => c.id.length));
  return charts
    .flatMap((c) => {
      const size = `${counted(c.states.length - 1, 'state')}, ${counted(c.transitions.length, 'transition')}`;
      return wrap(`${c.id.padEnd(width)}  ${size}. ${c.description}`, width + 2);
    })
    .join('\n');
};

const facts = (ids: readonly string[]): string => (ids.length === 0 ? '' : ` (${ids.join(', ')})`);

const transitionLines = (chart: ChartModel, t: ChartTransition, indent: number): string[] => {
  const pad = ' '.repeat(indent + 2);
  const target = chart.states.find((s) => s.id === t.target);
  const name =
    target === undefined ? '' : ` -> ${target.id.slice(chart.id.length + 1) || target.id}`;
  const end = t.pointOfNoReturn ? '  POINT OF NO RETURN' : '';
  const text = transitionText(t) || 'at once';
  return [
    ...wrap(`${pad}${text}${name}${end}`, indent + 6),
    ...(t.description === '' ? [] : wrap(`${pad}    ${t.description}`, indent + 6)),
  ];
};

const stateLines = (chart: ChartModel, s: ChartState, depth: number): string[] => {
  const pad = '  '.repeat(depth);
  const parent = chart.states.find((p) => p.id === s.parent);
  const marks = [
    ...(parent?.initial === s.id ? ['initial'] : []),
    ...(s.type === 'final' || s.type === 'parallel' || s.type === 'history' ? [s.type] : []),
  ];
  const mark = marks.length === 0 ? '' : ` [${marks.join(', ')}]`;
  return [
    ...wrap(`${pad}${s.key}${mark}: ${s.description}${facts(s.facts)}`, 2 * depth + 4),
    ...chart.transitions
      .filter((t) => t.source === s.id)
      .flatMap((t) => transitionLines(chart, t, 2 * depth)),
    ...chart.states
      .filter((c) => c.parent === s.id)
      .flatMap((c) => stateLines(chart, c, depth + 1)),
  ];
};

/** All states of a machine with what leads out of each. */
export const machineText = (chart: ChartModel): string =>
  chart.states
    .filter((s) => s.parent === null)
    .flatMap((root) => stateLines(chart, root, 0))
    .join('\n');
