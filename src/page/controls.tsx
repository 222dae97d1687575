/** The player: where the run is, how to move in it, and search. It stays in sight. */
import type { RefObject } from 'preact';
import type { Recording } from '../inspect/recording/recording.ts';

interface Props {
  readonly recording: Recording;
  readonly step: number;
  readonly go: (step: number) => void;
  readonly move: (by: number) => void;
  readonly playing: boolean;
  readonly onPlay: () => void;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly found: readonly number[];
  readonly onSeek: (back: boolean) => void;
  readonly searchRef: RefObject<HTMLInputElement | null>;
}

/** Marks on the slider: at most three, so the page stays small however long the run is. */
const Marks = ({ recording }: { readonly recording: Recording }) => {
  const last = Math.max(1, recording.steps.length - 1);
  const marks = [
    ['jump', recording.jump, 'point of no return'],
    ['diverges', recording.story.divergence?.step ?? null, 'goes wrong'],
    ['broken', recording.story.at, 'breaks'],
  ] as const;
  return (
    <div class="marks" aria-hidden="true">
      {marks.map(([name, at, text]) =>
        at === null ? null : (
          <span key={name} class={name} style={{ left: `${(100 * at) / last}%` }} title={text} />
        ),
      )}
    </div>
  );
};

const Moves = ({ recording, step, go, move, playing, onPlay }: Props) => {
  const last = recording.steps.length - 1;
  const { at } = recording.story;
  return (
    <div class="moves">
      <button type="button" onClick={() => go(0)} disabled={step === 0} aria-label="To the start">
        |&lt;
      </button>
      <button type="button" onClick={() => move(-1)} disabled={step === 0}>
        Back
      </button>
      <button type="button" onClick={onPlay} aria-pressed={playing} disabled={step === last}>
        {playing ? 'Pause' : 'Play'}
      </button>
      <button type="button" onClick={() => move(1)} disabled={step === last}>
        Forward
      </button>
      <button
        type="button"
        onClick={() => go(last)}
        disabled={step === last}
        aria-label="To the end"
      >
        &gt;|
      </button>
      {recording.jump !== null && (
        <button type="button" class="to-jump" onClick={() => go(recording.jump ?? 0)}>
          Point of no return
        </button>
      )}
      {at !== null && (
        <button type="button" class="to-violation" onClick={() => go(at)}>
          Violation
        </button>
      )}
    </div>
  );
};

const Search = ({ query, onQuery, found, onSeek, searchRef }: Props) => (
  <search class="search">
    <input
      ref={searchRef}
      type="search"
      value={query}
      placeholder="search: d1v0, grant, I9.2"
      aria-label="Search in the steps"
      onInput={(e) => onQuery(e.currentTarget.value)}
      onKeyDown={(e) => {
        if (e.key === 'Enter') onSeek(e.shiftKey);
        if (e.key === 'Escape') {
          onQuery('');
          e.currentTarget.blur();
        }
      }}
    />
    <button type="button" disabled={found.length === 0} onClick={() => onSeek(false)}>
      Next
    </button>
    <output aria-live="polite">{query === '' ? '' : `${found.length} steps`}</output>
  </search>
);

export const Controls = (props: Props) => {
  const { recording, step, go } = props;
  const now = recording.steps[step];
  const last = recording.steps.length - 1;
  const broken = now?.said.filter((s) => !s.holds).map((s) => recording.invariants[s.of]?.id ?? '');
  return (
    <section class="controls" id="player" aria-label="Player">
      <div class="line">
        <Moves {...props} />
        <Search {...props} />
      </div>
      <div class="slider">
        <Marks recording={recording} />
        <input
          type="range"
          min={0}
          max={last}
          value={step}
          aria-label="Step"
          aria-valuetext={`step ${step} of ${last}: ${now?.text ?? ''}`}
          onInput={(e) => go(Number(e.currentTarget.value))}
        />
      </div>
      <p class="now" aria-live="polite">
        <span class="count">
          Step {step} of {last}
        </span>{' '}
        <span class="phase">{now?.phase}</span> <b>{now?.text}</b>
        {now?.ignored === true && <em> - nothing took this event: it changed nothing</em>}
        {broken !== undefined && broken.length > 0 && (
          <span class="broken"> Broken: {broken.join(', ')}</span>
        )}
      </p>
    </section>
  );
};
