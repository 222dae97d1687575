/** Who is in which state over time, with the point of no return as a line. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Lane, Span } from '../../inspect/recording/recording.ts';
import { VirtualList } from '../virtual-list.tsx';
import type { ViewProps } from './props.ts';

const ROW = 26;
const HEIGHT = 520;
/** Pixels of a step at least; where there is room for all steps they are wider. */
const MIN_STEP = 14;
/** Pixels below which a name would not fit into a span. */
const NAME_WIDTH = 42;

/** Index of the span that holds a step: the last one that begins at or before it. */
const spanAt = (spans: readonly Span[], step: number): number => {
  let lo = 0;
  let hi = spans.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if ((spans[mid]?.[0] ?? 0) <= step) lo = mid;
    else hi = mid - 1;
  }
  return lo;
};

interface Window {
  readonly first: number;
  readonly count: number;
  /** Pixels of a step. */
  readonly width: number;
}

const LaneRow = ({
  lane,
  window,
  step,
}: {
  readonly lane: Lane;
  readonly window: Window;
  readonly step: number;
}) => {
  const { first, count, width } = window;
  const end = first + count;
  const now = lane.spans[spanAt(lane.spans, step)];
  const from = spanAt(lane.spans, first);
  const visible: { at: number; to: number; span: Span }[] = [];
  for (let i = from; i < lane.spans.length; i++) {
    const span = lane.spans[i] as Span;
    if (span[0] >= end) break;
    const next = lane.spans[i + 1]?.[0] ?? end;
    visible.push({ at: Math.max(first, span[0]), to: Math.min(end, next), span });
  }
  return (
    <div class={`lane ${lane.kind}`}>
      <span class="lane-name">{lane.name}</span>
      <span class={`lane-now tone-${now?.[2] ?? 'gone'}`}>
        <span class="sr">at this step: </span>
        {now?.[1]}
      </span>
      <span class="lane-time" aria-hidden="true">
        {visible.map(({ at, to, span }) => (
          <span
            key={span[0]}
            class={`span tone-${span[2]}`}
            title={`${lane.name}, steps ${at} to ${to - 1}: ${span[1]}`}
            style={{ left: `${(at - first) * width}px`, width: `${(to - at) * width - 1}px` }}
          >
            {(to - at) * width >= NAME_WIDTH ? span[1] : ''}
          </span>
        ))}
      </span>
    </div>
  );
};

const Line = ({
  at,
  window,
  name,
  text,
}: {
  readonly at: number | null;
  readonly window: Window;
  readonly name: string;
  readonly text: string;
}) =>
  at === null || at < window.first || at >= window.first + window.count ? null : (
    <span class={`vline ${name}`} style={{ left: `${(at - window.first) * window.width}px` }}>
      <span>{text}</span>
    </span>
  );

export const LanesView = ({ recording, step, go }: ViewProps) => {
  const box = useRef<HTMLButtonElement>(null);
  const [room, setRoom] = useState(600);
  useEffect(() => {
    const measure = (): void => {
      const width = box.current?.clientWidth ?? 600;
      setRoom(Math.max(120, width));
    };
    measure();
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  }, []);
  const total = recording.steps.length;
  const count = Math.min(total, Math.max(8, Math.floor(room / MIN_STEP)));
  const width = room / count;
  const first = Math.max(0, Math.min(total - count, step - Math.floor(count / 2)));
  const window = { first, count, width };
  const { lanes, jump, story } = recording;
  return (
    <div class="lanes">
      <p class="hint">
        Steps {first} to {first + count - 1} of {total - 1}, from left to right. The outlined column
        is the current step.{' '}
        {jump === null
          ? 'This run never reaches the point of no return.'
          : `The point of no return is step ${jump}.`}
      </p>
      <div class="lane-head">
        <span class="lane-name">lane</span>
        <span class="lane-now">now</span>
        <button
          type="button"
          tabIndex={-1}
          aria-label="Go to the step under the pointer"
          class="lane-time ruler"
          ref={box}
          onClick={(e) => {
            const x = e.clientX - e.currentTarget.getBoundingClientRect().left;
            go(first + Math.floor(x / width));
          }}
        >
          <Line at={jump} window={window} name="jump" text="no return" />
          <Line at={story.at} window={window} name="broken" text="" />
          <span
            class="cursor"
            style={{ left: `${(step - first) * width}px`, width: `${width}px` }}
          />
        </button>
      </div>
      <div class="lane-body">
        <VirtualList
          count={lanes.length}
          rowHeight={ROW}
          height={HEIGHT}
          current={-1}
          label="Lanes"
          row={(i) => <LaneRow lane={lanes[i] as Lane} window={window} step={step} />}
        />
        <div class="overlay" aria-hidden="true">
          <Line at={jump} window={window} name="jump" text="" />
          <Line at={story.at} window={window} name="broken" text="" />
          <span
            class="cursor"
            style={{ left: `${(step - first) * width}px`, width: `${width}px` }}
          />
        </div>
      </div>
    </div>
  );
};
