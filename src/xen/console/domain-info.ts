/** Reads the `q` dump: general information of every domain. */
import type {
  DomainReading,
  PageList,
  PageReading,
  Ranges,
  RangesetReading,
} from '../capture/reading.ts';
import type { Dump } from './dumps.ts';
import { type Elsewhere, elsewhereKey } from './elsewhere.ts';
import type { Match } from './form.ts';
import { type Judgement, readingsOf, settle } from './line-reading.ts';
import { type KeptLine, type Notes, problemAt } from './notes.ts';
import { DOMAIN_FORMS, type DomainForm } from './section-forms.ts';
import { at, big, dec, hex, ranges, within } from './values.ts';
import { gatherVcpus, type VcpuGatherer } from './vcpus.ts';

type DomainMatch = Match<DomainForm>;

/** What a q dump is read against. */
export interface DomainContext {
  readonly elsewhere: Elsewhere;
  /** First frame above all memory, if known. */
  readonly topFrame: number;
  /** Pages of each domain by the u dump of the same boot, if there is one. */
  readonly totals: ReadonlyMap<number, number>;
  readonly notes: Notes;
}

interface OpenDomain {
  readonly head: KeptLine;
  readonly domid: number;
  readonly lines: Map<DomainForm, DomainMatch>;
  readonly watchdogs: { readonly id: number; readonly expiresInS: number }[];
  readonly rangesets: RangesetReading[];
  readonly pages: PageReading[];
  nodeAffinity: Ranges | undefined;
  readonly vcpus: VcpuGatherer;
  readonly debugPorts: Map<number, number>;
}

/** The domains in the order printed. Problems go to the notes. */
export const readDomains = (dump: Dump, context: DomainContext): readonly DomainReading[] => {
  const { notes } = context;
  const open: OpenDomain[] = [];
  const outline = outlineOf(dump);
  for (const line of dump.lines) {
    const readings = readingsOf(DOMAIN_FORMS, line, notes);
    const domain = open.at(-1);
    const outlines = [outline[open.length], outline[open.length - 1]] as const;
    const judge = judgeFor(open, ...outlines, context);
    const match = settle(readings, judge, DOMAIN_FORMS, notes);
    if (match === undefined) continue;
    if (match.form.name === 'general') {
      open.push(newDomain(line, dec(match.values, 0), notes));
    } else if (match.form.name === 'notify') {
      const [domid, vcpu, port] = match.values.map(Number);
      open.find((candidate) => candidate.domid === domid)?.debugPorts.set(vcpu ?? 0, port ?? 0);
    } else if (domain === undefined) {
      notes.problems.push(
        problemAt(
          line,
          'a line of the domain dump before any "General information for domain N:"',
          'a line of the dump is missing: dump key q again (xl debug-keys q; xl dmesg)',
        ),
      );
      return [];
    } else take(domain, match, line, notes);
  }
  return open.flatMap((domain) => finish(domain, notes));
};

/** What the lines of one domain say together before they are read. */
interface Outline {
  readonly votes: Map<number, number>;
  xenPages: number;
}

/**
 * Each domain's number stands in five headings. What most of them say is
 * what they all have to say, the first of them included.
 */
const outlineOf = (dump: Dump): readonly Outline[] => {
  const outlines: Outline[] = [];
  for (const { text } of dump.lines) {
    const isFirst = !/VCPU|callbacks/.test(text) && /General|information for/.test(text);
    if (isFirst) outlines.push({ votes: new Map(), xenPages: 0 });
    const last = outlines.at(-1);
    if (last === undefined) continue;
    if (/caf|taf/.test(text) && !/Dom|Extra/.test(text)) last.xenPages += 1;
    const domid = / domain (\d+):/.exec(text)?.[1];
    if (domid !== undefined) {
      last.votes.set(Number(domid), (last.votes.get(Number(domid)) ?? 0) + 1);
    }
  }
  return outlines;
};

const elected = (outline: Outline | undefined): number | undefined => {
  const ranked = [...(outline?.votes ?? [])].sort(([, one], [, other]) => other - one);
  const [first, second] = ranked;
  return first !== undefined && first[1] > (second?.[1] ?? 0) ? first[0] : undefined;
};

const judgeFor = (
  open: readonly OpenDomain[],
  next: Outline | undefined,
  outline: Outline | undefined,
  { elsewhere, topFrame, totals }: DomainContext,
): Judgement<DomainForm> => {
  const domain = open.at(-1);
  const isElsewhere = ({ text }: DomainMatch): boolean =>
    domain !== undefined && elsewhere.has(elsewhereKey('q', domain.domid, text));
  return {
    sound: ({ form, values }) => {
      switch (form.name) {
        case 'general': {
          const domid = dec(values, 0);
          return domid === (elected(next) ?? domid) && domid > (domain?.domid ?? -1);
        }
        case 'rangesets':
        case 'memoryPages':
        case 'vcpus':
          return domain === undefined || dec(values, 0) === domain.domid;
        case 'nodeAffinity':
          // A domain without a node cannot have memory.
          return at(values, 1) !== '' && (domain === undefined || dec(values, 0) === domain.domid);
        case 'domPage':
        case 'xenPage':
        case 'extraPage':
          return hex(values, 0) < topFrame;
        case 'vcpu':
        case 'vcpuDirty':
          return domain === undefined || dec(values, 0) === domain.vcpus.count();
        case 'notify': {
          const notified = open.find(({ domid }) => domid === dec(values, 0));
          return notified !== undefined && dec(values, 1) < notified.vcpus.count();
        }
        case 'interrupts':
          return ranges(at(values, 0), 10) !== undefined;
        case 'ioMemory':
        case 'ioPorts':
        case 'logDirty':
          return ranges(at(values, 0), 16) !== undefined;
        default:
          return true;
      }
    },
    agrees: (match) => {
      const { form, values } = match;
      const counts = COUNTS.find(([name]) => name === form.name);
      if (domain === undefined) return true;
      if (counts !== undefined) {
        const total = totals.get(domain.domid);
        const nrPages = dec(values, 0);
        const fits =
          total === undefined
            ? isWithinMaximum(match, counts[4]) || isElsewhere(match)
            : nrPages === total;
        return fits && dec(values, 1) === (outline?.xenPages ?? dec(values, 1));
      }
      if (form.name === 'timer') return isTimer(dec(values, 0), dec(values, 1));
      if (PAGE_LISTS[form.name] !== undefined) return isCountInfo(at(values, 1));
      const affinity = form.name.startsWith('vcpu') ? domain.vcpus.affinity() : undefined;
      const onCpu = form.name === 'vcpu' || form.name === 'vcpuDirty';
      return !onCpu || affinity === undefined || within(affinity, dec(values, 1));
    },
    elsewhere: isElsewhere,
  };
};

/**
 * Whether nr_pages is at most max_pages, or above it with as many digits.
 * XEN_DOMCTL_max_mem does not wait for pages, so that a guest which is told
 * to balloon down has more than its maximum for a while. A digit lost or
 * doubled would show in the length of one of the two.
 */
const isWithinMaximum = ({ values }: DomainMatch, maximum: number): boolean => {
  const [nrPages = '', maxPages = ''] = [at(values, 0), at(values, maximum)];
  return Number(nrPages) <= Number(maxPages) || nrPages.length === maxPages.length;
};

const newDomain = (head: KeptLine, domid: number, notes: Notes): OpenDomain => ({
  head,
  domid,
  lines: new Map(),
  watchdogs: [],
  rangesets: [],
  pages: [],
  nodeAffinity: undefined,
  vcpus: gatherVcpus(notes),
  debugPorts: new Map(),
});

const PAGE_LISTS: Partial<Record<DomainForm, PageList>> = {
  domPage: 'DomPage',
  xenPage: 'XenPage',
  extraPage: 'ExtraPage',
};

/** Frequency and period are of one timer, both rounded down. */
const isTimer = (hz: number, periodMs: number): boolean =>
  Math.abs(hz * periodMs - 1000) <= Math.max(hz, periodMs);

/** Flags are the highest bits: a count has them or fits into 32 bits. */
const isCountInfo = (printed: string): boolean => printed.length === 8 || printed.length === 16;

const RANGESETS: Partial<Record<DomainForm, readonly [name: string, radix: 10 | 16]>> = {
  interrupts: ['Interrupts', 10],
  ioMemory: ['I/O Memory', 16],
  ioPorts: ['I/O Ports', 16],
  logDirty: ['log-dirty', 16],
};

const take = (domain: OpenDomain, match: DomainMatch, line: KeptLine, notes: Notes): void => {
  const { form, values } = match;
  if (domain.vcpus.take(match, line)) return;
  const list = PAGE_LISTS[form.name];
  const rangeset = RANGESETS[form.name];
  if (list !== undefined) {
    const { file, line: number } = line;
    const mfn = hex(values, 0);
    const [countInfo, typeInfo] = [big(values, 1), big(values, 2)];
    domain.pages.push({ file, line: number, list, mfn, countInfo, typeInfo });
  } else if (rangeset !== undefined) {
    const [name, radix] = rangeset;
    domain.rangesets.push({ name, ranges: ranges(at(values, 0), radix) });
  } else if (form.name === 'watchdog') {
    domain.watchdogs.push({ id: dec(values, 0), expiresInS: dec(values, 1) });
  } else if (form.name === 'nodeAffinity') {
    domain.nodeAffinity = ranges(at(values, 1), 10);
  } else if (domain.lines.has(form.name)) {
    const what = `a second "${match.text}" for domain ${domain.domid}`;
    const hint = 'a heading between two domains is lost: dump key q again';
    notes.problems.push(problemAt(line, what, hint));
  } else domain.lines.set(form.name, match);
};

/** Where each counters form has its values; -1: not printed. */
const COUNTS = [
  ['counts', -1, -1, 2, 3],
  ['countsShared', 2, -1, 3, 4],
  ['countsPaged', -1, 2, 3, 4],
  ['countsBoth', 2, 3, 4, 5],
] as const;

const finish = (domain: OpenDomain, notes: Notes): readonly DomainReading[] => {
  const { lines, head, domid } = domain;
  const counts = COUNTS.find(([name]) => lines.has(name));
  const refs = lines.get('refs')?.values;
  const handle = lines.get('handle')?.values;
  const numbers = counts === undefined ? undefined : lines.get(counts[0])?.values;
  if (refs === undefined || handle === undefined || numbers === undefined || counts === undefined) {
    const missing = refs === undefined ? 'refcnt' : handle === undefined ? 'handle' : 'nr_pages';
    const what = `the ${missing} line of domain ${domid} is missing or unreadable`;
    notes.problems.push(problemAt(head, what, 'dump key q again (xl debug-keys q; xl dmesg)'));
    return [];
  }
  const [, shared, paged, dirty, max] = counts;
  const pod = lines.get('pod')?.values;
  const paging = lines.get('domainPaging')?.values;
  return [
    {
      file: head.file,
      line: head.line,
      domid,
      refcnt: dec(refs, 0),
      dying: dec(refs, 1),
      pauseCount: dec(refs, 2),
      nrPages: dec(numbers, 0),
      xenheapPages: dec(numbers, 1),
      sharedPages: shared === -1 ? undefined : dec(numbers, shared),
      pagedPages: paged === -1 ? undefined : dec(numbers, paged),
      dirtyCpus: ranges(at(numbers, dirty), 10) ?? [],
      maxPages: dec(numbers, max),
      handle: at(handle, 0),
      vmAssist: hex(handle, 1),
      watchdogs: domain.watchdogs,
      paging: paging === undefined ? undefined : at(paging, 0).trim().split(' '),
      rangesets: domain.rangesets,
      domPagesOmitted: lines.has('tooLong'),
      pages: domain.pages,
      pod: pod === undefined ? undefined : { entries: dec(pod, 0), cacheSize: dec(pod, 1) },
      nodeAffinity: domain.nodeAffinity,
      vcpus: domain.vcpus.done(domain.debugPorts),
    },
  ];
};
