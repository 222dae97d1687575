/** The statecharts, with what is active lit and what was just taken marked. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LaidOutChart } from '../../report/chart-drawing.ts';
import { transitionText } from '../../report/chart-model.ts';
import { chartSvg } from '../../report/chart-svg.ts';
import { Sources } from '../words.tsx';
import type { ViewProps } from './props.ts';

interface Choice {
  readonly name: string;
  readonly chart: number;
  /** Index into `follows`; null: this run does not move the chart. */
  readonly of: number | null;
}

/** Transitions that can have been taken: their event happened, source was and target is active. */
const takenIn = (
  chart: LaidOutChart,
  event: string,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): ReadonlySet<number> =>
  new Set(
    chart.transitions.flatMap((t, i) => {
      const named = t.event === event || t.event === '';
      const moved =
        t.target === null ? t.event !== '' : after.has(t.target) && !before.has(t.target);
      return named && before.has(t.source) && moved ? [i] : [];
    }),
  );

const light = (
  root: HTMLElement,
  active: ReadonlySet<string>,
  taken: ReadonlySet<number>,
): void => {
  for (const g of root.querySelectorAll<SVGGElement>('[data-state]'))
    g.classList.toggle('on', active.has(g.dataset.state ?? ''));
  for (const g of root.querySelectorAll<SVGGElement>('[data-transitions]')) {
    const numbers = (g.dataset.transitions ?? '').split(' ').filter((n) => n !== '');
    g.classList.toggle(
      'taken',
      numbers.some((n) => taken.has(Number(n))),
    );
  }
};

/** Scrolls the box, and nothing else: what was just taken, or else an active state, to its middle. */
const centre = (box: HTMLElement): void => {
  const on =
    box.querySelector('.arrow.taken .head') ?? box.querySelector('.state.on:not(.compound)');
  if (on === null) return;
  const [state, around] = [on.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollTop += state.top + state.height / 2 - around.top - around.height / 2;
  box.scrollLeft += state.left + state.width / 2 - around.left - around.width / 2;
};

/** The innermost active states: one for each region. */
const activeText = (chart: LaidOutChart, active: readonly string[]): string =>
  active
    .filter((id) => !chart.states.some((s) => s.parent === id && active.includes(s.id)))
    .map((id) => id.slice(chart.id.length + 1) || id)
    .join(', ');

export const ChartsView = ({ recording, player, step }: ViewProps) => {
  const choices = useMemo((): readonly Choice[] => {
    const followed = recording.follows.map(({ name, chart }, of) => ({ name, chart, of }));
    const others = recording.charts.flatMap((c, chart) =>
      followed.some((f) => f.chart === chart) ? [] : [{ name: c.id, chart, of: null }],
    );
    return [...followed, ...others];
  }, [recording]);
  const [picked, setPicked] = useState(0);
  const [fit, setFit] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const choice = choices[picked];
  const chart = choice === undefined ? undefined : recording.charts[choice.chart];
  const svg = useMemo(() => (chart === undefined ? '' : chartSvg(chart, false)), [chart]);
  const active = choice?.of == null ? [] : player.active(choice.of);
  const before = choice?.of == null ? [] : player.activeBefore(choice.of);
  const event = (recording.steps[step]?.event ?? '').split(' ')[0] ?? '';
  useEffect(() => {
    if (box.current === null || chart === undefined) return;
    const [was, is] = [new Set(before), new Set(active)];
    light(box.current, is, step === 0 ? new Set() : takenIn(chart, event, was, is));
    centre(box.current);
  });
  if (choice === undefined || chart === undefined) return <p>There is no chart.</p>;
  const now = chart.states.filter((s) => active.includes(s.id) && s.id !== chart.id);
  return (
    <div class="charts">
      <div class="line">
        <label>
          Chart{' '}
          <select value={picked} onChange={(e) => setPicked(Number(e.currentTarget.value))}>
            {choices.map((c, i) => (
              <option key={`${c.name} ${c.of}`} value={i}>
                {c.name}
                {c.of === null ? ' (not moved by this run)' : ''}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={fit} onChange={(e) => setFit(e.currentTarget.checked)} />{' '}
          fit to width
        </label>
      </div>
      <p class="hint">{chart.description}</p>
      {choice.of !== null && (
        <p class="active-now" aria-live="polite">
          Active: <b>{activeText(chart, active) || chart.id}</b>
        </p>
      )}
      {/* The SVG is made by chartSvg, which escapes every name. */}
      <div
        ref={box}
        class={`chart-box${fit ? ' fit' : ''}`}
        dangerouslySetInnerHTML={{ __html: svg }}
      />
      {now.map((s) => (
        <section key={s.id} class="state-text">
          <h3>{s.key}</h3>
          <p>
            {s.description} <Sources ids={s.facts} facts={recording.facts} />
          </p>
          <ul class="lines">
            {chart.transitions
              .filter((t) => t.source === s.id)
              .map((t, i) => (
                <li key={`${i}`}>
                  {transitionText(t) || 'at once'}
                  {t.target === null ? '' : ` leads to ${t.target.slice(chart.id.length + 1)}`}
                  {t.pointOfNoReturn && <b> (point of no return)</b>} <small>{t.description}</small>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
};
