/** All steps of the run, or those that the search found. */
import type { Recording } from '../inspect/recording/recording.ts';
import { VirtualList } from './virtual-list.tsx';

interface Props {
  readonly recording: Recording;
  readonly step: number;
  readonly go: (step: number) => void;
  /** Null: no search. */
  readonly found: readonly number[] | null;
}

const ROW = 26;
const HEIGHT = 494;

const marksOf = (r: Recording, n: number): string => {
  const step = r.steps[n];
  return [
    ...(step?.said.some((s) => !s.holds) ? ['breaks'] : []),
    ...(r.jump === n ? ['no return'] : []),
    ...(r.story.divergence?.step === n ? ['goes wrong'] : []),
  ].join(', ');
};

export const Steps = ({ recording, step, go, found }: Props) => {
  const count = found?.length ?? recording.steps.length;
  const current = found === null ? step : found.indexOf(step);
  return (
    <nav class="steps" aria-label="Steps">
      <h2>
        Steps <small>{found === null ? '' : `${count} found`}</small>
      </h2>
      <VirtualList
        count={count}
        rowHeight={ROW}
        height={HEIGHT}
        current={current}
        label="Steps of the run"
        row={(i) => {
          const n = found === null ? i : (found[i] ?? 0);
          const s = recording.steps[n];
          const marks = marksOf(recording, n);
          const others = s?.by === 'others';
          return (
            <button
              type="button"
              class={`step ${s?.phase ?? ''} ${others ? 'others' : ''}`}
              aria-current={n === step ? 'step' : undefined}
              title={`${s?.phase}: ${s?.event}${others ? ' (by a guest, dom0 or Xen itself)' : ''}`}
              onClick={() => go(n)}
            >
              <span class="n">{n}</span> <span class="text">{s?.text}</span>
              {marks !== '' && <span class="mark">{marks}</span>}
            </button>
          );
        }}
      />
    </nav>
  );
};
