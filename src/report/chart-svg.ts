/**
 * A laid-out chart as SVG: for documents, and for the page, which lights up
 * what is active by the `data-` attributes. Runs in Node and in browsers.
 */
import { type Arrow, actionLines, type Box, type LaidOutChart, SIZES } from './chart-drawing.ts';
import { type ChartState, type ChartTransition, transitionText } from './chart-model.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Text as it may stand in SVG or HTML, in an attribute too. */
export const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ESCAPES[c] as string);

/** Colours of a chart that stands alone; the page has its own. */
const STYLE = `
.chart { --ink: #1d2733; --soft: #5b6b7d; --line: #8494a6; --fill: #f6f8fa; --deep: #ffffff; --pnr: #b3261e; }
@media (prefers-color-scheme: dark) {
  .chart { --ink: #e4eaf1; --soft: #9fb0c3; --line: #6d7f93; --fill: #1a222c; --deep: #10161d; --pnr: #ff8a80; }
}`;

/** What every chart looks like, whatever its colours. */
export const CHART_STYLE = `
.chart { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.chart rect { fill: var(--fill); stroke: var(--line); }
.chart .compound > rect { fill: var(--deep); }
.chart text { fill: var(--ink); font-size: ${SIZES.text}px; white-space: pre; }
.chart .key { font-size: ${SIZES.title}px; font-weight: 600; }
.chart .inside, .chart .arrow text { fill: var(--soft); }
.chart .arrow path { fill: none; stroke: var(--line); stroke-width: 1.25; }
.chart .arrow .head, .chart .dot { fill: var(--line); stroke: none; }
.chart .pnr path { stroke: var(--pnr); stroke-width: 2.5; }
.chart .pnr .head { fill: var(--pnr); }
.chart .pnr text { fill: var(--pnr); font-weight: 600; }`;

const words = (s: ChartState): string =>
  [s.description, s.facts.length === 0 ? '' : `(${s.facts.join(', ')})`]
    .filter((part) => part !== '')
    .join(' ');

const lineText = (x: number, y: number, cls: string, text: string): string =>
  `<text class="${cls}" x="${x}" y="${y}">${escapeMarkup(text)}</text>`;

const stateSvg = (chart: LaidOutChart, s: ChartState): string => {
  const box = chart.boxes[s.id];
  if (box === undefined) return '';
  const inside = (chart.inside[s.id] ?? []).map((i) =>
    transitionText(chart.transitions[i] as ChartTransition),
  );
  const lines = [...actionLines(s), ...inside];
  const nested = s.type === 'compound' || s.type === 'parallel';
  const final = s.type === 'final';
  const top = box.y + SIZES.pad + SIZES.title - 2;
  const outer = `<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" rx="6"/>`;
  const inner = `<rect x="${box.x + 3}" y="${box.y + 3}" width="${box.w - 6}" height="${box.h - 6}" rx="4"/>`;
  const parallel = s.type === 'parallel' ? ' (parallel)' : '';
  return [
    `<g class="state${nested ? ' compound' : ''}" data-state="${escapeMarkup(s.id)}">`,
    `<title>${escapeMarkup(words(s) || s.key)}</title>`,
    outer,
    final ? inner : '',
    lineText(box.x + SIZES.pad, top, 'key', `${s.key}${parallel}`),
    ...lines.map((line, i) =>
      lineText(box.x + SIZES.pad, top + SIZES.line * (i + 1) + 2, 'inside', line),
    ),
    '</g>',
  ].join('');
};

/** The head of an arrow: a triangle at its last point, along its last segment. */
const headSvg = (points: Arrow['points']): string => {
  const [tip, before] = [points[points.length - 1], points[points.length - 2]];
  if (tip === undefined || before === undefined) return '';
  const [dx, dy] = [Math.sign(tip[0] - before[0]), Math.sign(tip[1] - before[1])];
  const [bx, by] = [tip[0] - 7 * dx, tip[1] - 7 * dy];
  const [ax, ay] = [4 * dy, 4 * dx];
  return `<path class="head" d="M${tip[0]} ${tip[1]}L${bx + ax} ${by + ay}L${bx - ax} ${by - ay}Z"/>`;
};

const arrowSvg = (chart: LaidOutChart, arrow: Arrow): string => {
  const transitions = arrow.transitions.map((i) => chart.transitions[i] as ChartTransition);
  const isEnd = transitions.some((t) => t.pointOfNoReturn);
  const title = transitions.map((t) => t.description).filter((d) => d !== '');
  const path = arrow.points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const at = arrow.label;
  return [
    `<g class="arrow${isEnd ? ' pnr' : ''}" data-transitions="${arrow.transitions.join(' ')}">`,
    title.length === 0 ? '' : `<title>${escapeMarkup(title.join(' '))}</title>`,
    `<path d="${path}"/>`,
    headSvg(arrow.points),
    ...(at === null
      ? []
      : transitions.map((t, i) =>
          lineText(at.x + 3, at.y + SIZES.line * (i + 1) - 3, '', transitionText(t)),
        )),
    '</g>',
  ].join('');
};

const dotSvg = (d: Box): string =>
  `<circle class="dot" cx="${d.x + d.w / 2}" cy="${d.y + d.h / 2}" r="${d.w / 2}"/>`;

/**
 * The picture. `alone`: with colours of its own, light and dark, as a file
 * needs them; otherwise the page around it gives them.
 */
export const chartSvg = (chart: LaidOutChart, alone: boolean): string => {
  const { width, height } = chart;
  const style = alone ? `<style>${STYLE}${CHART_STYLE}\n</style>` : '';
  const name = escapeMarkup(`${chart.id}: ${chart.description}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${name}">`,
    style,
    ...chart.states.map((s) => stateSvg(chart, s)),
    ...chart.arrows.map((a) => arrowSvg(chart, a)),
    ...chart.dots.map(dotSvg),
    '</svg>\n',
  ]
    .filter((line) => line !== '')
    .join('\n');
};
