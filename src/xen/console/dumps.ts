/**
 * Cuts a log into dumps while it streams by, and keeps those of the last
 * moment at which q, g and e were all printed to the end.
 */
import { type BootFacts, emptyBoot, isBootBanner, noteBootMessage } from './boot-messages.ts';
import { consoleTexts } from './console-line.ts';
import {
  belongsTo,
  type DumpKey,
  endsGrants,
  eventOf,
  isMomentKey,
  MOMENT_KEYS,
  type MomentKey,
} from './dump-lines.ts';
import type { KeptLine } from './notes.ts';

/** The lines of one dump; at least its head or one line. */
export interface Dump {
  readonly key: DumpKey;
  readonly file: string;
  readonly firstLine: number;
  readonly nowNs: bigint | undefined;
  readonly lines: readonly KeptLine[];
  readonly lastLine: number;
  /** False: the log starts, or was cut, inside this dump. */
  readonly hasStart: boolean;
  readonly closedBy: 'terminator' | 'next-section' | 'end-of-file';
  /** The log ends inside the last line kept. */
  readonly cutInLine: boolean;
  /** It has more lines than any host can print. */
  readonly overflow: boolean;
  /** Lines of other writers between its lines. */
  readonly skipped: number;
}

/** One boot of the host as the log shows it. */
export interface Boot {
  readonly facts: BootFacts;
  /** The last dump of each key that is not q, g or e. */
  readonly others: Map<DumpKey, Dump>;
}

/** Three complete dumps of one moment. */
export interface Moment {
  readonly dumps: Readonly<Record<MomentKey, Dump>>;
  readonly boot: Boot;
}

/** What a log holds. */
export interface Collected {
  readonly moment: Moment | undefined;
  /** The last complete dump of each key, of whatever moment. */
  readonly complete: ReadonlyMap<MomentKey, Dump>;
  /** The last dump of each key that is not complete. */
  readonly incomplete: ReadonlyMap<MomentKey, Dump>;
  readonly boot: Boot;
  readonly lines: number;
}

/**
 * A dump is kept in memory until it is known to be needed, so its size is
 * bounded: 400 000 lines are more than 1000 busy guests print.
 */
const MOST_LINES = 400_000;
const MOST_CHARS = 48_000_000;
/** Lines of others that may come between two lines of a dump. */
const MOST_FOREIGN = 1000;

interface OpenDump {
  readonly key: DumpKey;
  readonly firstLine: number;
  readonly nowNs: bigint | undefined;
  readonly hasHead: boolean;
  readonly lines: KeptLine[];
  chars: number;
  terminated: boolean;
  overflow: boolean;
  skipped: number;
  /** Lines of other writers since its last line. */
  foreign: number;
}

/** How many domains a dump has, by the headings, damaged ones too. */
const domainsIn = ({ key, lines }: Dump): number => {
  const heading = key === 'q' ? /General info|information for/ : /Event chan|channel info/;
  return lines.filter(({ text }) => heading.test(text) && !/VCPU|callbacks/.test(text)).length;
};

/** Whether a dump was printed to its end, as far as it tells by itself. */
const isComplete = (dump: Dump): boolean => {
  if (!dump.hasStart || dump.overflow) return false;
  return dump.key === 'e' ? dump.lines.length > 0 : dump.closedBy === 'terminator';
};

/** The e dump has no end of its own: at the file's end q tells. */
const coversAll = ({ q, e }: Readonly<Record<MomentKey, Dump>>): boolean =>
  e.closedBy !== 'end-of-file' || domainsIn(e) >= domainsIn(q);

/** The moment of three dumps, if each is complete. */
export const momentOf = (group: ReadonlyMap<DumpKey, Dump>, boot: Boot): Moment | undefined => {
  const [q, g, e] = MOMENT_KEYS.map((key) => group.get(key));
  if (q === undefined || g === undefined || e === undefined) return undefined;
  const dumps = { q, g, e };
  return [q, g, e].every(isComplete) && coversAll(dumps) ? { dumps, boot } : undefined;
};

/** A moment of which a key was dumped again because its dump had failed. */
const retried = (
  complete: ReadonlyMap<MomentKey, Dump>,
  incomplete: ReadonlyMap<MomentKey, Dump>,
  boot: Boot,
): Moment | undefined => {
  const found = momentOf(complete, boot);
  const isLast = (key: MomentKey): boolean =>
    (incomplete.get(key)?.firstLine ?? 0) < (complete.get(key)?.firstLine ?? 0);
  return MOMENT_KEYS.every(isLast) ? found : undefined;
};

/** Collects the dumps of one log; feed it every line, then call `end`. */
export interface Collector {
  readonly push: (raw: string) => void;
  /** `cutInLine`: the last line pushed had no line end. */
  readonly end: (cutInLine: boolean) => Collected;
}

/** Starts reading a log. `file` is only quoted in places. */
export const collectDumps = (file: string): Collector => {
  let boot: Boot = { facts: emptyBoot(), others: new Map() };
  let current: OpenDump | undefined;
  let group = new Map<DumpKey, Dump>();
  let moment: Moment | undefined;
  const complete = new Map<MomentKey, Dump>();
  const incomplete = new Map<MomentKey, Dump>();
  let line = 0;
  let last: KeptLine | undefined;

  const closeGroup = (): void => {
    moment = momentOf(group, boot) ?? moment;
    group = new Map();
  };

  const close = (closedBy: Dump['closedBy'], cutInLine = false): void => {
    if (current === undefined) return;
    const { key, firstLine, nowNs, lines, hasHead, overflow, skipped, terminated } = current;
    const first = lines[0]?.text ?? '';
    const dump: Dump = {
      key,
      file,
      firstLine,
      nowNs,
      lines,
      lastLine: lines.at(-1)?.line ?? firstLine,
      hasStart: hasHead || /^(?:General|Event|grant-).* (?:domain |d)0[: ]/.test(first),
      closedBy: terminated ? 'terminator' : closedBy,
      cutInLine,
      overflow,
      skipped,
    };
    current = undefined;
    if (!isMomentKey(key)) {
      boot.others.set(key, dump);
      return;
    }
    if (group.has(key)) closeGroup();
    group.set(key, dump);
    (isComplete(dump) ? complete : incomplete).set(key, dump);
  };

  const open = (key: DumpKey, nowNs: bigint | undefined, hasHead: boolean): OpenDump => {
    close('next-section');
    current = {
      key,
      firstLine: line,
      nowNs,
      hasHead,
      lines: [],
      chars: 0,
      terminated: false,
      overflow: false,
      skipped: 0,
      foreign: 0,
    };
    return current;
  };

  const keep = (dump: OpenDump, kept: KeptLine): void => {
    dump.foreign = 0;
    dump.chars += kept.raw.length + kept.text.length;
    if (dump.lines.length >= MOST_LINES || dump.chars > MOST_CHARS) {
      dump.overflow = true;
      // It is refused whatever it says, so that nothing of it is needed.
      dump.lines.length = 0;
    }
    if (!dump.overflow) dump.lines.push(kept);
    if (dump.key === 'q' && /^Notif|ing guest/.test(kept.text)) dump.terminated = true;
  };

  const take = (raw: string, text: string, prefixDamaged: boolean): void => {
    const event = eventOf(text);
    if (event?.kind === 'head') {
      open(event.key, event.nowNs, true);
      return;
    }
    const kept = { file, line, raw, text, prefixDamaged };
    last = text === '' ? undefined : kept;
    if (event?.kind === 'part') {
      const dump = current?.key === event.key ? current : open(event.key, undefined, false);
      keep(dump, kept);
      if (event.key === 'g' && endsGrants(text)) {
        dump.terminated = true;
        close('terminator');
      }
      return;
    }
    if (event?.kind === 'other') {
      close('next-section');
      if (isBootBanner(text)) {
        closeGroup();
        boot = { facts: emptyBoot(), others: new Map() };
      }
    } else if (current !== undefined && belongsTo(current.key, text)) {
      keep(current, kept);
      return;
    } else if (current !== undefined && text !== '') {
      current.skipped += 1;
      current.foreign += 1;
      // Whatever prints this much is no interruption of a finished dump.
      if (current.terminated && current.foreign > MOST_FOREIGN) close('next-section');
    }
    noteBootMessage(boot.facts, text, { file, line });
  };

  return {
    push: (raw) => {
      line += 1;
      for (const { text, prefix } of consoleTexts(raw)) take(raw, text, prefix === 'damaged');
    },
    end: (cutInLine) => {
      // A cut line must not pass for noise: a port may have been on it.
      if (
        cutInLine &&
        current !== undefined &&
        last !== undefined &&
        current.lines.at(-1) !== last
      ) {
        keep(current, last);
      }
      close('end-of-file', cutInLine);
      closeGroup();
      moment ??= retried(complete, incomplete, boot);
      return { moment, complete, incomplete, boot, lines: line };
    },
  };
};
