/** Text in which the ids of facts can be opened: R12, F9.5, I9.2, Q4. */
import { useState } from 'preact/hooks';

type Facts = Readonly<Record<string, string>>;

const IDS = /\b((?:[AFIQRS]\d+(?:\.\d+)?(?:\.[a-z0-9-]+)?|[A-Z]{2,4}-\d)\b'?)/;

/** An id; pressing it shows or hides what it says. */
export const Fact = ({ id, facts }: { readonly id: string; readonly facts: Facts }) => {
  const [open, setOpen] = useState(false);
  const text = facts[id];
  if (text === undefined) return <span class="id">{id}</span>;
  return (
    <>
      <button
        type="button"
        class="fact"
        title={text}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {id}
      </button>
      {open && <span class="fact-text"> ({text}) </span>}
    </>
  );
};

/** A text with its ids made into facts. */
export const Words = ({ text, facts }: { readonly text: string; readonly facts: Facts }) => (
  <>
    {text
      .split(IDS)
      .map((part, i) => (i % 2 === 0 ? part : <Fact key={`${i}`} id={part} facts={facts} />))}
  </>
);

/** "Sources: R12, F9.1": ids in a row, without repeats. */
export const Sources = ({
  ids,
  facts,
}: {
  readonly ids: readonly string[];
  readonly facts: Facts;
}) => (
  <span class="sources">
    {[...new Set(ids)].map((id) => (
      <Fact key={id} id={id} facts={facts} />
    ))}
  </span>
);
