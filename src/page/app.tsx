/** The page: the story, the controls, the steps, and one view of the current step. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Recording } from '../inspect/recording/recording.ts';
import { Controls } from './controls.tsx';
import { find, indexOf, nextOf } from './find.ts';
import { useKeys } from './keys.ts';
import { hashOf, type Place, placeOf, VIEWS, type ViewName } from './place.ts';
import { Player } from './player.ts';
import { Steps } from './steps.tsx';
import { Story } from './story.tsx';
import { CaptureView } from './views/capture.tsx';
import { ChartsView } from './views/charts.tsx';
import { HostTables } from './views/host.tsx';
import { InvariantsView } from './views/invariants.tsx';
import { LanesView } from './views/lanes.tsx';
import { LinksView } from './views/links.tsx';
import { MemoryView } from './views/memory.tsx';
import { WordsView } from './views/words.tsx';

const TITLES: Readonly<Record<ViewName, string>> = {
  host: 'Host now',
  lanes: 'Lanes',
  memory: 'Memory',
  links: 'Links',
  charts: 'Statecharts',
  invariants: 'Invariants',
  capture: 'Capture',
  words: 'Words',
};

/** Milliseconds of rest before the address follows: browsers limit how often it may. */
const HASH_DELAY = 200;
const PLAY_MS = 500;

export type Theme = 'auto' | 'light' | 'dark';
const NEXT_THEME: Readonly<Record<Theme, Theme>> = { auto: 'dark', dark: 'light', light: 'auto' };

/** A change of place: a part of it, or made from where the reader is. */
type Change = Partial<Place> | ((was: Place) => Partial<Place>);

const usePlace = (last: number): [Place, (change: Change) => void] => {
  const [place, setPlace] = useState(() => placeOf(location.hash, last));
  useEffect(() => {
    const follow = (): void => setPlace(placeOf(location.hash, last));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [last]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (location.hash !== hashOf(place)) history.replaceState(null, '', hashOf(place));
    }, HASH_DELAY);
    return () => clearTimeout(timer);
  }, [place]);
  const change = useCallback(
    (to: Change) =>
      setPlace((was) => {
        const next = { ...was, ...(typeof to === 'function' ? to(was) : to) };
        return { ...next, step: Math.max(0, Math.min(last, next.step)) };
      }),
    [last],
  );
  return [place, change];
};

export const App = ({ recording }: { readonly recording: Recording }) => {
  const last = recording.steps.length - 1;
  const player = useMemo(() => new Player(recording), [recording]);
  const index = useMemo(() => indexOf(recording), [recording]);
  const [place, go] = usePlace(last);
  const [playing, setPlaying] = useState(false);
  const [query, setQuery] = useState('');
  const [theme, setTheme] = useState<Theme>('auto');
  const search = useRef<HTMLInputElement>(null);
  const found = useMemo(() => find(index, query), [index, query]);
  player.go(place.step);

  const step = place.step;
  const stop = recording.story.at;
  useEffect(() => {
    if (!playing) return;
    if (step >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => {
      go({ step: step + 1 });
      if (step + 1 === stop) setPlaying(false);
    }, PLAY_MS);
    return () => clearTimeout(timer);
  }, [playing, step, last, stop, go]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);

  const nextTheme = (): void => setTheme((was) => NEXT_THEME[was]);
  const togglePlaying = (): void => setPlaying((was) => !was);
  const to = (n: number): void => {
    setPlaying(false);
    go({ step: n });
  };
  /** From where the reader is by then: keys may come faster than the page is drawn. */
  const move = (by: number): void => {
    setPlaying(false);
    go((was) => ({ step: was.step + by }));
  };
  const seek = (back: boolean): void => {
    const next = nextOf(found, step, back);
    if (next !== null) to(next);
  };
  const views = VIEWS.filter((v) => v !== 'capture' || recording.capture !== null);
  const show = (view: ViewName): void => go({ view });
  useKeys({
    forward: () => move(1),
    back: () => move(-1),
    first: () => to(0),
    last: () => to(last),
    play: togglePlaying,
    violation: () => recording.story.at !== null && to(recording.story.at),
    jump: () => recording.jump !== null && to(recording.jump),
    search: () => search.current?.focus(),
    theme: nextTheme,
    view: (n) => {
      const view = views[n - 1];
      if (view !== undefined) show(view);
    },
  });

  const shown = views.includes(place.view) ? place.view : 'host';
  const props = { recording, player, step, go: to };
  return (
    <>
      <a class="skip" href="#player">
        Skip to the player
      </a>
      <Story recording={recording} go={to} theme={theme} onTheme={nextTheme} />
      <Controls
        {...props}
        move={move}
        playing={playing}
        onPlay={togglePlaying}
        query={query}
        onQuery={setQuery}
        found={found}
        onSeek={seek}
        searchRef={search}
      />
      <main class="columns">
        <Steps {...props} found={query === '' ? null : found} />
        <section class="stage" aria-label="Views of the current step">
          <div class="tabs" role="tablist" aria-label="Views">
            {views.map((view, i) => (
              <button
                key={view}
                type="button"
                role="tab"
                id={`tab-${view}`}
                aria-selected={view === shown}
                aria-controls="view"
                title={`key ${i + 1}`}
                onClick={() => show(view)}
              >
                {TITLES[view]}
              </button>
            ))}
          </div>
          <div id="view" role="tabpanel" aria-labelledby={`tab-${shown}`}>
            {shown === 'host' && <HostTables {...props} />}
            {shown === 'lanes' && <LanesView {...props} />}
            {shown === 'memory' && <MemoryView {...props} />}
            {shown === 'links' && <LinksView {...props} />}
            {shown === 'charts' && <ChartsView {...props} />}
            {shown === 'invariants' && <InvariantsView {...props} />}
            {shown === 'capture' && <CaptureView {...props} />}
            {shown === 'words' && <WordsView {...props} />}
          </div>
        </section>
      </main>
      <footer>
        <p>
          Keys: <kbd>&larr;</kbd> <kbd>&rarr;</kbd> a step back or forward, <kbd>Home</kbd>{' '}
          <kbd>End</kbd> the ends, <kbd>Space</kbd> play, <kbd>v</kbd> the violation, <kbd>p</kbd>{' '}
          the point of no return, <kbd>/</kbd> search, <kbd>1</kbd> to <kbd>{views.length}</kbd> the
          views, <kbd>t</kbd> light or dark. The address holds the step: copy it to point at one.
        </p>
        <p>
          The same on the command line:{' '}
          {recording.story.commands.map((c) => (
            <code key={c}>{c}</code>
          ))}
        </p>
      </footer>
    </>
  );
};
