/** Every invariant with what it last said, broken ones first. */
import { useMemo } from 'preact/hooks';
import type { RecordedInvariant, Recording, Said } from '../../inspect/recording/recording.ts';
import { Sources, Words } from '../words.tsx';
import type { ViewProps } from './props.ts';

/** Offenders shown of one invariant. */
const SHOWN = 12;

interface Latest {
  readonly said: Said;
  readonly at: number;
}

/** For each invariant the steps at which it spoke, ascending: made once. */
const spoken = (r: Recording): readonly (readonly Latest[])[] => {
  const all: Latest[][] = r.invariants.map(() => []);
  for (const [at, step] of r.steps.entries())
    for (const said of step.said) all[said.of]?.push({ said, at });
  return all;
};

/** The last one at or before the step; one that broke stays broken. */
const latest = (all: readonly Latest[], step: number): Latest | null => {
  let found: Latest | null = null;
  for (const one of all) {
    if (one.at > step) break;
    if (found === null || found.said.holds || !one.said.holds) found = one;
  }
  return found;
};

const statusOf = (l: Latest | null): 'broken' | 'holds' | 'idle' | 'silent' => {
  if (l === null) return 'silent';
  if (!l.said.holds) return 'broken';
  return l.said.checked === 0 ? 'idle' : 'holds';
};

const STATUS = {
  broken: 'BROKEN',
  holds: 'holds',
  idle: 'nothing of the kind',
  silent: 'not asked yet',
} as const;
const RANK = { broken: 0, holds: 1, idle: 2, silent: 3 } as const;

const One = ({
  invariant,
  now,
  facts,
  go,
}: {
  readonly invariant: RecordedInvariant;
  readonly now: Latest | null;
  readonly facts: Recording['facts'];
  readonly go: (n: number) => void;
}) => {
  const status = statusOf(now);
  const detail = now?.said.detail ?? [];
  return (
    <li class={`invariant ${status}`}>
      <details open={status === 'broken'}>
        <summary>
          <b class="status">{STATUS[status]}</b> <b>{invariant.id}</b> {invariant.title}{' '}
          {now !== null && (
            <small>
              {now.said.checked.toLocaleString('en')} objects, step {now.at}
            </small>
          )}
        </summary>
        <p>
          <Words text={invariant.says} facts={facts} />
        </p>
        <p>
          Why: <Words text={invariant.why} facts={facts} />{' '}
          <Sources ids={invariant.sources} facts={facts} />
        </p>
        {detail.length > 0 && (
          <ul class="lines">
            {detail.slice(0, SHOWN).map((d) => (
              <li key={d}>{d}</li>
            ))}
            {detail.length > SHOWN && <li>and {detail.length - SHOWN} more</li>}
          </ul>
        )}
        {now !== null && status === 'broken' && (
          <button type="button" class="go" onClick={() => go(now.at)}>
            {`Go to step ${now.at}`}
          </button>
        )}
      </details>
    </li>
  );
};

export const InvariantsView = ({ recording, step, go }: ViewProps) => {
  const all = useMemo(() => spoken(recording), [recording]);
  const rows = recording.invariants
    .map((invariant, i) => ({ invariant, now: latest(all[i] ?? [], step) }))
    .sort((a, b) => RANK[statusOf(a.now)] - RANK[statusOf(b.now)]);
  const broken = rows.filter((r) => statusOf(r.now) === 'broken').length;
  return (
    <div class="invariants">
      <p class="hint">
        {broken === 0 ? 'None is broken up to this step.' : `${broken} broken up to this step.`}{' '}
        Hosts at rest are judged before an update and after it; the update as a whole at its end.
      </p>
      <ul>
        {rows.map(({ invariant, now }) => (
          <One key={invariant.id} invariant={invariant} now={now} facts={recording.facts} go={go} />
        ))}
      </ul>
    </div>
  );
};
