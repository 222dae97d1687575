/**
 * Where each state and arrow of a chart is drawn. The layout is ELK's layered
 * one, in whole pixels; the same chart always gets the same picture.
 */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/main.js';
import { type Arrow, actionLines, type Box, type LaidOutChart, SIZES } from './chart-drawing.ts';
import {
  type ChartModel,
  type ChartState,
  type ChartTransition,
  transitionText,
} from './chart-model.ts';

/** The fonts are monospaced, so widths can be told without a browser. */
const widthOf = (text: string, size: number): number => Math.ceil(text.length * size * 0.602);

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  // The way forward goes down, whatever leads back goes up.
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.edgeLabel': '4',
  'elk.randomSeed': '1',
};

const indexed = (chart: ChartModel): [ChartTransition, number][] =>
  chart.transitions.map((t, i) => [t, i]);

/** Transitions of a state that are lines in its box: those that go nowhere else. */
const insideOf = (chart: ChartModel): Record<string, number[]> => {
  const inside: Record<string, number[]> = {};
  for (const [t, i] of indexed(chart)) {
    if (t.target !== null) continue;
    inside[t.source] = [...(inside[t.source] ?? []), i];
  }
  return inside;
};

const DOT = '(initial)';

type Inside = Readonly<Record<string, readonly number[]>>;

/** A state with all that is in it. */
const nodeOf = (chart: ChartModel, inside: Inside, s: ChartState): ElkNode => {
  const lines = [
    ...actionLines(s),
    ...(inside[s.id] ?? []).map((i) => transitionText(chart.transitions[i] as ChartTransition)),
  ];
  const textWidth = Math.max(
    widthOf(s.key, SIZES.title),
    ...lines.map((line) => widthOf(line, SIZES.text)),
  );
  const width = textWidth + 2 * SIZES.pad;
  const height = SIZES.title + 2 * SIZES.pad + lines.length * SIZES.line;
  const dot: ElkNode = { id: `${s.id}${DOT}`, width: SIZES.dot, height: SIZES.dot };
  const children = chart.states.filter((c) => c.parent === s.id);
  if (children.length === 0) return { id: s.id, width, height };
  return {
    id: s.id,
    children: [
      ...(s.initial === null ? [] : [dot]),
      ...children.map((c) => nodeOf(chart, inside, c)),
    ],
    layoutOptions: {
      ...OPTIONS,
      'elk.padding': `[top=${height + SIZES.pad},left=14,bottom=14,right=14]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, ${height})`,
    },
  };
};

interface Bundle {
  readonly source: string;
  readonly target: string;
  readonly transitions: readonly number[];
}

/** One arrow for all transitions between the same two states, in the order of the first. */
const bundles = (chart: ChartModel): Bundle[] => {
  const byEnds = new Map<string, Bundle>();
  for (const [{ source, target }, i] of indexed(chart)) {
    if (target === null) continue;
    const key = `${source} ${target}`;
    byEnds.set(key, {
      source,
      target,
      transitions: [...(byEnds.get(key)?.transitions ?? []), i],
    });
  }
  return [...byEnds.values()];
};

const initialBundles = (chart: ChartModel): Bundle[] =>
  chart.states.flatMap((s) =>
    s.initial === null ? [] : [{ source: `${s.id}${DOT}`, target: s.initial, transitions: [] }],
  );

const edgeOf = (chart: ChartModel, bundle: Bundle, i: number): ElkExtendedEdge => {
  const lines = bundle.transitions.map((t) =>
    transitionText(chart.transitions[t] as ChartTransition),
  );
  const width = Math.max(...lines.map((line) => widthOf(line, SIZES.text)), 0);
  const label = { text: lines.join('\n'), width: width + 6, height: lines.length * SIZES.line + 2 };
  const ends = { id: `e${i}`, sources: [bundle.source], targets: [bundle.target] };
  return width === 0 ? ends : { ...ends, labels: [label] };
};

const boxOf = (n: { x?: number; y?: number; width?: number; height?: number }): Box => ({
  x: Math.round(n.x ?? 0),
  y: Math.round(n.y ?? 0),
  w: Math.round(n.width ?? 0),
  h: Math.round(n.height ?? 0),
});

const nodesOf = (node: ElkNode): ElkNode[] =>
  (node.children ?? []).flatMap((child) => [child, ...nodesOf(child)]);

const pointsOf = (edge: ElkExtendedEdge): [number, number][] =>
  (edge.sections ?? [])
    .flatMap((s) => [s.startPoint, ...(s.bendPoints ?? []), s.endPoint])
    .map((p) => [Math.round(p.x), Math.round(p.y)]);

/** Lays a chart out. Takes a tenth of a second for some twenty states. */
export const layOut = async (chart: ChartModel): Promise<LaidOutChart> => {
  const inside = insideOf(chart);
  const drawn = [...bundles(chart), ...initialBundles(chart)];
  // Loaded when it is needed: other commands should not wait for it.
  const { default: elkjs } = await import('elkjs/lib/main.js');
  const elk = new elkjs.default();
  const page: ElkNode = {
    id: '(page)',
    layoutOptions: { ...OPTIONS, 'elk.padding': '[top=4,left=4,bottom=4,right=4]' },
    children: chart.states
      .filter((s) => s.parent === null)
      .map((root) => nodeOf(chart, inside, root)),
    edges: drawn.map((b, i) => edgeOf(chart, b, i)),
  };
  const laid: ElkNode = await elk.layout(page);
  const nodes = nodesOf(laid);
  const isDot = (n: ElkNode): boolean => n.id.endsWith(DOT);
  return {
    ...chart,
    width: Math.ceil(laid.width ?? 0),
    height: Math.ceil(laid.height ?? 0),
    boxes: Object.fromEntries(nodes.filter((n) => !isDot(n)).map((n) => [n.id, boxOf(n)])),
    dots: nodes.filter(isDot).map(boxOf),
    arrows: (laid.edges ?? []).map((edge, i): Arrow => {
      const [label] = edge.labels ?? [];
      return {
        ...(drawn[i] as Bundle),
        points: pointsOf(edge),
        label: label === undefined ? null : boxOf(label),
      };
    }),
    inside,
  };
};
