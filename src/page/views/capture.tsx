/** The capture of a real host: its domains, what was read of it, and what had to be assumed. */
import { useState } from 'preact/hooks';
import type { CaptureFacts } from '../../inspect/recording/recording.ts';
import type { ViewProps } from './props.ts';

/** Lines of a list that are shown at once. */
const SHOWN = 60;

const List = ({
  title,
  lines,
  none,
}: {
  readonly title: string;
  readonly lines: readonly string[];
  readonly none: string;
}) => (
  <section>
    <h3>
      {title} <small>{lines.length}</small>
    </h3>
    {lines.length === 0 ? (
      <p class="hint">{none}</p>
    ) : (
      <ul class="lines">
        {lines.slice(0, SHOWN).map((line) => (
          <li key={line}>{line}</li>
        ))}
        {lines.length > SHOWN && <li>and {lines.length - SHOWN} more</li>}
      </ul>
    )}
  </section>
);

const assumedText = (a: CaptureFacts['assumed'][number]): string =>
  `${a.text}${a.count === undefined ? '' : ` [${a.count.toLocaleString('en')}]`}${
    a.where === undefined ? '' : ` in ${a.where.map((d) => `d${d}`).join(' ')}`
  }`;

const Facts = ({ capture }: { readonly capture: CaptureFacts }) => {
  const [domid, setDomid] = useState<number | null>(null);
  const assumed = capture.assumed.filter(
    (a) => domid === null || a.where === undefined || a.where.includes(domid),
  );
  return (
    <div class="capture">
      <section>
        <h3>
          Domains of this host <small>{capture.domains.length}</small>
        </h3>
        <p class="hint">
          All of it was read from the dumps, but for what is listed as assumed. Press a domain to
          see what was assumed of it and of the host.
        </p>
        <ul class="domains">
          {capture.domains.slice(0, SHOWN * 4).map((d) => (
            <li key={d.domid}>
              <button
                type="button"
                aria-pressed={domid === d.domid}
                onClick={() => setDomid(domid === d.domid ? null : d.domid)}
              >
                {d.text}
              </button>
            </li>
          ))}
        </ul>
      </section>
      <List title="Read" lines={capture.read} none="Nothing." />
      <List
        title={`Assumed, because a dump does not show it${domid === null ? '' : `: of d${domid} and of the host`}`}
        lines={assumed.map(assumedText)}
        none="Nothing."
      />
      <List
        title="Repaired while reading"
        lines={capture.repaired}
        none="No character had to be repaired."
      />
      <List title="Sources that disagree" lines={capture.contradictions} none="None." />
    </div>
  );
};

export const CaptureView = ({ recording }: ViewProps) =>
  recording.capture === null ? (
    <p>This run does not come from a capture.</p>
  ) : (
    <Facts capture={recording.capture} />
  );
