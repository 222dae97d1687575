/** A chart as a Mermaid state diagram, for places that draw those. */
import { type ChartModel, type ChartState, transitionText } from './chart-model.ts';

/** Mermaid's names are words. */
const nameOf = (id: string): string => id.replace(/[^A-Za-z0-9]+/g, '_');
/** In a label ";" would end the statement, ":" begin another, "#" an entity. */
const label = (text: string): string => text.replace(/[;:#]/g, ' ');

const stateLines = (chart: ChartModel, s: ChartState, indent: string): string[] => {
  const children = chart.states.filter((c) => c.parent === s.id);
  const name = nameOf(s.id);
  const inside = chart.transitions.filter((t) => t.source === s.id && t.target === null);
  const head = `${indent}state "${label(s.key)}" as ${name}`;
  const notes = inside.map((t) => `${indent}${name} : ${label(transitionText(t))}`);
  const final = s.type === 'final' ? [`${indent}${name} --> [*]`] : [];
  if (children.length === 0) return [head, ...notes, ...final];
  const deeper = `${indent}  `;
  const initial = s.initial === null ? [] : [`${deeper}[*] --> ${nameOf(s.initial)}`];
  const regions = children.flatMap((c, i) => [
    ...(s.type === 'parallel' && i > 0 ? [`${deeper}--`] : []),
    ...stateLines(chart, c, deeper),
  ]);
  return [`${head} {`, ...initial, ...regions, `${indent}}`, ...notes];
};

/** The diagram as text; it needs nothing but Mermaid's `stateDiagram-v2`. */
export const chartMermaid = (chart: ChartModel): string => {
  const roots = chart.states.filter((s) => s.parent === null);
  const arrows = chart.transitions.flatMap((t) => {
    if (t.target === null) return [];
    const text = label(transitionText(t));
    return [`  ${nameOf(t.source)} --> ${nameOf(t.target)}${text === '' ? '' : ` : ${text}`}`];
  });
  return [
    'stateDiagram-v2',
    ...roots.flatMap((root) => stateLines(chart, root, '  ')),
    ...arrows,
    '',
  ].join('\n');
};
