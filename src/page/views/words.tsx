/** Every id that this page cites, in words. */
import { useState } from 'preact/hooks';
import { byName } from '../player.ts';
import type { ViewProps } from './props.ts';

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^R/, 'R: requirements of the design'],
  [/^Q/, 'Q: questions that the design left open'],
  [/^A/, 'A: assumptions'],
  [/^F/, 'F: facts of Xen'],
  [/^section/, 'Order of a restore'],
  [/./, 'Invariants'],
];

export const WordsView = ({ recording }: ViewProps) => {
  const [query, setQuery] = useState('');
  const all = Object.entries(recording.facts)
    .filter(([id, text]) => `${id} ${text}`.toLowerCase().includes(query.toLowerCase()))
    .sort(([a], [b]) => byName(a, b));
  const kindOf = (id: string): string => KINDS.find(([is]) => is.test(id))?.[1] ?? '';
  return (
    <div class="words">
      <label>
        Find an id or a word{' '}
        <input type="search" value={query} onInput={(e) => setQuery(e.currentTarget.value)} />
      </label>
      {[...new Set(KINDS.map(([, title]) => title))].map((title) => {
        const of = all.filter(([id]) => kindOf(id) === title);
        return of.length === 0 ? null : (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {of.map(([id, text]) => (
                <div key={id}>
                  <dt>{id}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
};
