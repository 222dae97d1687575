/** Where the reader is, as the part of the address behind "#": a permalink. */
export const VIEWS = [
  'host',
  'lanes',
  'memory',
  'links',
  'charts',
  'invariants',
  'capture',
  'words',
] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Place {
  readonly step: number;
  readonly view: ViewName;
}

const isView = (text: string | null): text is ViewName =>
  (VIEWS as readonly (string | null)[]).includes(text);

/** "#step=12&view=memory"; what makes no sense is the start, or the first view. */
export const placeOf = (hash: string, last: number): Place => {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const step = Number(given.get('step') ?? 0);
  const view = given.get('view');
  return {
    step: Number.isSafeInteger(step) ? Math.max(0, Math.min(last, step)) : 0,
    view: isView(view) ? view : 'host',
  };
};

export const hashOf = ({ step, view }: Place): string => `#step=${step}&view=${view}`;
