/** The head of the page: what this is, what was tried, why it goes wrong. */
import type { Fault, RecordedInvariant, Recording, Trail } from '../inspect/recording/recording.ts';
import type { Theme } from './app.tsx';
import { Sources, Words } from './words.tsx';

type Facts = Recording['facts'];

const VERDICTS = {
  holds: 'HOLDS',
  violated: 'VIOLATED',
  refused: 'REFUSED',
  unfinished: 'UNFINISHED',
} as const;

const StepButton = ({
  step,
  go,
  children,
}: {
  readonly step: number;
  readonly go: (step: number) => void;
  readonly children: string;
}) => (
  <button type="button" class="go" onClick={() => go(step)}>
    {children}
  </button>
);

const Introduction = () => (
  <details class="intro">
    <summary>
      Live Update replaces a running Xen by another while its virtual machines stay in memory. This
      page plays one run of it. <u>New to it? Read more</u>
    </summary>
    <p>
      Xen is a hypervisor: it runs virtual machines, called <b>domains</b> (d0, or dom0, is the
      privileged one; d1, d2 ... are guests), each with virtual processors, <b>vCPUs</b> (d1v0). A
      Live Update replaces the running Xen, <b>xen#1</b>, by another, <b>xen#2</b>, while all
      domains stay in memory. First every domain is stopped at a point where nothing is half done:
      it is <b>parked</b>. Then xen#1 writes what only it knows into a <b>stream</b> in memory, and
      jumps: that is the <b>point of no return</b>, after which xen#1 is gone. xen#2 boots in a
      small region kept for it, the <b>bootmem</b>, reads the stream, and restores the domains in
      passes. Memory of the guests is never copied; it has to stay where it is. Last, the domains
      run again and should not be able to tell.
    </p>
    <p>
      This page plays one such run of an executable model, step by step. Ids such as R12 or F9.5
      name requirements of the design and facts of Xen; press one to read it.
    </p>
  </details>
);

const FaultText = ({ fault, facts }: { readonly fault: Fault; readonly facts: Facts }) => (
  <li>
    {fault.kind === 'bug' && (
      <>
        With a real bug put in, <b>{fault.id}</b>: {fault.text}{' '}
      </>
    )}
    {fault.kind === 'rule' && (
      <>
        Without rule <b>{fault.id}</b>: <q>{fault.text}</q>{' '}
      </>
    )}
    {fault.kind === 'answer' && (
      <>
        Question <b>{fault.id}</b>, <q>{fault.text}</q>, is answered by <b>{fault.given}</b>. The
        full design answers <b>{fault.instead}</b>.{' '}
      </>
    )}
    <Sources ids={fault.sources} facts={facts} />
  </li>
);

const Missing = ({ recording }: { readonly recording: Recording }) => {
  const { faults } = recording.story;
  return (
    <section class="card">
      <h2>What is missing from the design</h2>
      {faults.length === 0 ? (
        <p>Nothing: this is the full design, with the safest answer to every open question.</p>
      ) : (
        <ul>
          {faults.map((f) => (
            <FaultText key={f.id} fault={f} facts={recording.facts} />
          ))}
        </ul>
      )}
    </section>
  );
};

type Props = { readonly recording: Recording; readonly go: (step: number) => void };

const Divergence = ({ recording, go }: Props) => {
  const { divergence } = recording.story;
  if (divergence === null) return null;
  const { step, kind, lines } = divergence;
  return (
    <section class="card">
      <h2>Where it goes wrong: step {step}</h2>
      <p>
        <b>{recording.steps[step]?.text}</b>.{' '}
        {kind === 'forbids'
          ? 'With the full design this could not happen yet:'
          : 'With the full design the same step would do something else:'}
      </p>
      <ul class="lines">
        {lines.map((line) => (
          <li key={line}>
            <Words text={line} facts={recording.facts} />
          </li>
        ))}
      </ul>
      <StepButton step={step} go={go}>
        {`Go to step ${step}`}
      </StepButton>
    </section>
  );
};

const Offence = ({
  invariant,
  offenders,
  facts,
}: {
  readonly invariant: RecordedInvariant;
  readonly offenders: readonly string[];
  readonly facts: Facts;
}) => (
  <>
    <p>
      <b>
        {invariant.id}: {invariant.title}.
      </b>{' '}
      <Words text={invariant.says} facts={facts} /> <Words text={invariant.why} facts={facts} />
    </p>
    <ul class="lines">
      {offenders.map((o) => (
        <li key={o}>{o}</li>
      ))}
    </ul>
  </>
);

const Broken = ({ recording, go }: Props) => {
  const { story, invariants, facts } = recording;
  if (story.at === null) return null;
  const of = (id: string): string[] =>
    story.offenders.filter((o) => o.startsWith(`${id} `)).map((o) => o.slice(id.length + 1));
  const byId = (id: string): RecordedInvariant | undefined => invariants.find((i) => i.id === id);
  const [first, ...others] = story.broken.map(byId).filter((i) => i !== undefined);
  return (
    <section class="card bad">
      <h2>What breaks, at step {story.at}</h2>
      {first === undefined ? (
        <ul class="lines">
          {story.offenders.map((o) => (
            <li key={o}>
              <Words text={o} facts={facts} />
            </li>
          ))}
        </ul>
      ) : (
        <Offence invariant={first} offenders={of(first.id)} facts={facts} />
      )}
      {others.length > 0 && (
        <details>
          <summary>As a consequence also {others.map((i) => i.id).join(', ')}</summary>
          {others.map((i) => (
            <Offence key={i.id} invariant={i} offenders={of(i.id)} facts={facts} />
          ))}
        </details>
      )}
      <StepButton step={story.at} go={go}>
        {`Go to step ${story.at}`}
      </StepButton>
    </section>
  );
};

const TrailText = ({ trail, go }: { readonly trail: Trail; readonly go: (n: number) => void }) => (
  <details>
    <summary>
      {trail.row} <small>({trail.table})</small>
    </summary>
    <ol class="trail">
      {trail.steps.map(({ step, text }) => (
        <li key={step}>
          <StepButton step={step} go={go}>
            {`${step}`}
          </StepButton>{' '}
          {text}
        </li>
      ))}
    </ol>
  </details>
);

const THEME_TEXT: Readonly<Record<Theme, string>> = {
  auto: 'as the system has it',
  light: 'light',
  dark: 'dark',
};

export const Story = ({
  recording,
  go,
  theme,
  onTheme,
}: Props & { readonly theme: Theme; readonly onTheme: () => void }) => {
  const { story } = recording;
  return (
    <header class="story">
      <div class="top">
        <span class="brand">xen-lu</span>
        <button type="button" onClick={onTheme} aria-label={`Colours: ${THEME_TEXT[theme]}`}>
          Colours: {theme}
        </button>
      </div>
      <h1>{story.title}</h1>
      <p class={`verdict ${story.verdict}`}>
        <b>{VERDICTS[story.verdict]}</b> Xen {recording.from} to Xen {recording.to}. {story.outcome}
      </p>
      <Introduction />
      <div class="cards">
        <section class="card">
          <h2>What was tried</h2>
          {story.tried.map((text) => (
            <p key={text}>
              <Words text={text} facts={recording.facts} />
            </p>
          ))}
          <Sources ids={story.sources} facts={recording.facts} />
        </section>
        <Missing recording={recording} />
        <Divergence recording={recording} go={go} />
        <Broken recording={recording} go={go} />
      </div>
      {story.trails.length > 0 && (
        <section class="trails" aria-label="What became of the objects that offend">
          <h2>What became of it, step by step</h2>
          {story.trails.map((t) => (
            <TrailText key={`${t.table} ${t.row}`} trail={t} go={go} />
          ))}
        </section>
      )}
    </header>
  );
};
