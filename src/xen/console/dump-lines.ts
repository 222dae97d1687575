/**
 * Which dump a line of the log belongs to: heads and ends of the dumps and
 * a quick test whether a line can be part of the dump being printed.
 */
import { type Form, form, resembled } from './form.ts';
import { DOMAIN_FORMS, GRANT_FORMS, PORT_FORMS } from './section-forms.ts';

/** The keys whose dumps are read. */
export type DumpKey = 'q' | 'g' | 'e' | 'u' | 'H' | 'm' | 's' | 'i';

/** The three that every reading needs. */
export const MOMENT_KEYS = ['q', 'g', 'e'] as const;
export type MomentKey = (typeof MOMENT_KEYS)[number];
export const isMomentKey = (key: DumpKey): key is MomentKey =>
  key === 'q' || key === 'g' || key === 'e';

/** What a line does to the sequence of dumps. */
export type Event =
  | { readonly kind: 'head'; readonly key: DumpKey; readonly nowNs: bigint | undefined }
  /** Some other key or message that ends a dump. */
  | { readonly kind: 'other' }
  /** A line that only one dump has: its head may be missing. */
  | { readonly kind: 'part'; readonly key: MomentKey };

const HEADS: readonly Form<DumpKey>[] = [
  form('q', "'q' pressed -> dumping domain info (now"),
  form('g', "gnttab_usage_print_all [ key 'g' pressed"),
  form('e', "'e' pressed -> dumping event-channel info"),
  form('u', "'u' pressed -> dumping numa info (now"),
  form('H', "'H' pressed -> dumping heap info (now"),
];

const NOW = /\(now = (\d{1,19})\)$/;
const OLD_NOW = /\(now=0x([0-9A-F]{1,8}):([0-9A-F]{8})\)$/;

const nowOf = (text: string): bigint | undefined => {
  const now = NOW.exec(text);
  if (now?.[1] !== undefined) return BigInt(now[1]);
  const old = OLD_NOW.exec(text);
  return old?.[1] === undefined || old[2] === undefined
    ? undefined
    : BigInt(`0x${old[1]}${old[2]}`);
};

/** First words of everything that starts or ends a dump. */
const BOUNDARY =
  /^(?:'|\[.: \w|gnttab_usage|Physical memory info|IRQ information|TSC |\*\*\* Serial|MSI information|Dumping timer|sched_smt|Synced |==== PCI|Dom0 |Xen version )/;

const PART: readonly (readonly [MomentKey, RegExp])[] = [
  [
    'q',
    /^(?:General information for domain \d|NODE affinity for domain|VCPU\d+: CPU|XenPage [0-9a-f]{16}|Notifying guest \d)/,
  ],
  ['g', /^(?:grant-table for remote d\d|\[0x[0-9a-f]{3,}\] \d+ 0x|gnttab_usage_print_all \] done)/],
  ['e', /^(?:Event channel information for domain \d|\d+ \[[01]\/[01]\/.{1,8}\]: s=\d n=)/],
];
const PART_START = /^[GNVXgE[\d]/;

const headOf = (text: string): DumpKey | undefined => {
  if (text.startsWith('Physical memory info')) return 'm';
  if (text.startsWith('IRQ information')) return 'i';
  if (text.startsWith('TSC ')) return 's';
  const [head] = resembled(HEADS, text);
  return head?.name;
};

const MAY_BE_HEAD = /press|dumping|gnttab|print_all/;
const END_OF_G = 'gnttab_usage_print_all ] done';

/** Whether this is the last line of a grant dump, up to one wrong letter. */
export const endsGrants = (text: string): boolean =>
  text === END_OF_G ||
  (/usage|print_all/.test(text) && /\]|done/.test(text) && !/key|press|usage\]$/.test(text));

/** Classifies a line by itself, or undefined if it is an ordinary line. */
export const eventOf = (text: string): Event | undefined => {
  const boundary = BOUNDARY.test(text);
  if (boundary || MAY_BE_HEAD.test(text)) {
    if (endsGrants(text)) return { kind: 'part', key: 'g' };
    const key = headOf(text);
    if (key !== undefined) return { kind: 'head', key, nowNs: nowOf(text) };
    if (boundary) return { kind: 'other' };
  }
  if (PART_START.test(text)) {
    for (const [key, pattern] of PART) if (pattern.test(text)) return { kind: 'part', key };
  }
  return undefined;
};

const Q_START =
  /^(?:General info|refcnt=|nr_pages=|handle=|watchdog \d|paging assist|Rangesets|Interrupts \{|I\/O |log-dirty|None$|Memory pages|DomPage|XenPage|ExtraPage|PoD ent|NODE aff|VCPU|UNIT\d|cpu_hard|pause_count=|No periodic|\d+ Hz per|Notifying|Shared frames)/;
const G_START = /^(?:\[+0*x|\[ref|-{4,}|grant-table|\d+ frames|no active|gnttab_)/;
/** A grant row of which something is lost: its values are hexadecimal. */
const G_ROW = /^\W{0,2}[0x]{0,3}[0-9a-f]{2,6}\]{0,2} .* 0?x/;
const E_START = /^(?:\d+ ?\[|Event chan|Polling|port \[)/;
/** A port row of which something is lost. */
const E_ROW = /^\W{0,2}\d*\W{1,3}[01]\/|[\]:] ?s?=?\d n?=?\d x?=?\d/;

/** Whether a line, sound or damaged, can be part of the dump of `key`. */
export const belongsTo = (key: DumpKey, text: string): boolean => {
  switch (key) {
    case 'q':
      return Q_START.test(text) || resembled(DOMAIN_FORMS, text).length > 0;
    case 'g':
      return G_START.test(text) || G_ROW.test(text) || resembled(GRANT_FORMS, text).length > 0;
    case 'e':
      return E_START.test(text) || E_ROW.test(text) || resembled(PORT_FORMS, text).length > 0;
    case 'u':
      return /^(?:N|CPU|Dom|d\d+ \()|otal|ode ?\d|DE\d/.test(text);
    case 'H':
      return /^.?he?a?p?|\[zone/.test(text) && /->|pages/.test(text);
    case 'm':
      return /hea?p|kB/.test(text);
    case 's':
      return /^d?o?m?\d|mode=/.test(text);
    case 'i':
      return /vec:| aff:|affinity:|in-flight/.test(text);
  }
};
