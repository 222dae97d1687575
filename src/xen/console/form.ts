/**
 * The grammar of dump lines. A form is one `printk` of Xen as a template:
 * literal text with `<kind>` where a value stands. Blanks in templates and
 * in lines are single.
 */

/** One number or two, none with leading zeros. */
const DEC_RANGE = '(?:0|[1-9][0-9]*)(?:-[1-9][0-9]*)?';
const HEX_RANGE = '(?:0|[1-9a-f][0-9a-f]*)(?:-[1-9a-f][0-9a-f]*)?';

/** Characters a value of each kind may have, as printed by Xen. */
const KINDS = {
  /** %u, %lu: no leading zeros. */
  dec: '(0|[1-9][0-9]{0,15})',
  /** %d. */
  int: '(-?(?:0|[1-9][0-9]{0,15}))',
  /** %lx without width. */
  hex: '(0|[1-9a-f][0-9a-f]{0,15})',
  /** %02x of a byte. */
  byte: '([0-9a-f]{2})',
  /** %02x of 16 bits. */
  half: '([0-9a-f]{2}|[1-9a-f][0-9a-f]{2,3})',
  /** %03x of a grant reference. */
  ref: '([0-9a-f]{3}|[1-9a-f][0-9a-f]{3,7})',
  /** %05lx, PRI_mfn. */
  mfn: '([0-9a-f]{5}|[1-9a-f][0-9a-f]{5,12})',
  /** %06lx. */
  frame: '([0-9a-f]{6}|[1-9a-f][0-9a-f]{6,15})',
  /** %08x of 32 bits. */
  word: '([0-9a-f]{8})',
  /** %08lx. */
  long: '([0-9a-f]{8}|[1-9a-f][0-9a-f]{8,15})',
  /** %016lx, %p. */
  quad: '([0-9a-f]{16})',
  /** Boolean printed with %d. */
  bit: '([01])',
  /** is_dying. */
  dying: '([0-2])',
  yes: '([TF])',
  /** %*pbl. */
  set: `((?:${DEC_RANGE}(?:,${DEC_RANGE})*)?)`,
  decRanges: `((?: ${DEC_RANGE}(?:, ${DEC_RANGE})*)?)`,
  hexRanges: `((?: ${HEX_RANGE}(?:, ${HEX_RANGE})*)?)`,
  uuid: '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})',
  /** Flags of a domain's paging line. */
  paging: '((?:(?:shadow|forced|hap|refcounts|log_dirty|translate|external)(?: |$))+)',
  /** A vCPU's paging line. */
  levels: '(hap, [0-9] levels|shadowed [0-9]-on-[0-9]|not shadowed|none)',
  /** Third field of a port. */
  link: '([01]|\\? ?|B? (?:-|0|[1-9][0-9]{0,5}) ?)',
  /** The security label that may end a port line. */
  label: '(?: Z=([^ ].*))?',
  /** %02u of a zone. */
  zone: '([0-9]{2})',
  hvm: '((?:\\(hvm\\))?)',
  ofs: '(?:,ofs=0x([1-9a-f][0-9a-f]{0,15}))?',
  khz: '(?:,khz=([1-9][0-9]{0,9}))?',
  inc: '(?:,inc=([1-9][0-9]{0,9}))?',
  counts: '(?:,vtsc count: .*)?',
} as const;

/** A kind of value in a template. */
export type Kind = keyof typeof KINDS;

/** How much depends on a line of this form. */
export type Weight =
  /** A damaged line refuses the capture. */
  | 'needed'
  /** A damaged line is reported, its values are left out. */
  | 'spare'
  /** Column heads and the like: no values. */
  | 'decor';

/** One line form of a section. */
export interface Form<Name extends string> {
  readonly name: Name;
  readonly weight: Weight;
  readonly pattern: RegExp;
  /** Pieces of the fixed text by which a damaged line is recognised. */
  readonly marks: readonly string[];
  /** Every character that a line of this form can hold. */
  readonly alphabet: string;
}

const escaped = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

const isKind = (name: string): name is Kind => Object.hasOwn(KINDS, name);

/** Marks are short enough that one wrong letter leaves most of them. */
const MARK = 9;
const marksOf = (literal: string): readonly string[] => {
  const pieces: string[] = [];
  const text = literal.trim();
  const count = Math.ceil(text.length / MARK);
  const size = Math.ceil(text.length / Math.max(count, 1));
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  return pieces.filter((piece) => piece.length >= 3);
};

const HEX = '0123456789abcdef';

/** Compiles a template. The values of a line are its groups in order. */
export const form = <Name extends string>(
  name: Name,
  template: string,
  weight: Weight = 'needed',
): Form<Name> => {
  const parts = template.split(/<(\w+)>/);
  const literals = parts.filter((_, index) => index % 2 === 0);
  const source = parts
    .map((part, index) => (index % 2 === 1 && isKind(part) ? KINDS[part] : escaped(part)))
    .join('');
  return {
    name,
    weight,
    pattern: new RegExp(`^${source}$`),
    marks: literals.flatMap(marksOf),
    alphabet: [...new Set(`${literals.join('')}${HEX}-, `)].join(''),
  };
};

/** What a line says under a form: the values as printed. */
export interface Match<Name extends string> {
  readonly form: Form<Name>;
  readonly values: readonly string[];
  /** The line that was matched: as found, or as repaired. */
  readonly text: string;
}

/** The values under the first form that the text has exactly. */
export const exactly = <Name extends string>(
  forms: readonly Form<Name>[],
  text: string,
): Match<Name> | undefined => {
  for (const candidate of forms) {
    const groups = candidate.pattern.exec(text);
    if (groups !== null) {
      return { form: candidate, values: groups.slice(1).map((value) => value ?? ''), text };
    }
  }
  return undefined;
};

/**
 * Forms that a damaged text shows: those of which at least half of the
 * fixed text is still there.
 */
export const resembled = <Name extends string>(
  forms: readonly Form<Name>[],
  text: string,
): readonly Form<Name>[] => forms.filter((candidate) => markShare(candidate, text) >= 0.5);

/**
 * Forms that one fault may have made into a text: those that it shows, and
 * those with too little fixed text to tell.
 */
export const possible = <Name extends string>(
  forms: readonly Form<Name>[],
  text: string,
): readonly Form<Name>[] =>
  forms.filter((candidate) => candidate.marks.length <= 2 || markShare(candidate, text) >= 0.5);

const markShare = ({ marks }: Form<string>, text: string): number => {
  const seen = marks.reduce((count, mark) => count + (text.includes(mark) ? 1 : 0), 0);
  return marks.length === 0 ? 0 : seen / marks.length;
};
