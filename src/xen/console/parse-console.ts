/** From the dumps of one moment to what they say. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type {
  CaptureProblem,
  ConsoleReading,
  NumaReading,
  Place,
  Repair,
  SectionSource,
  Sources,
} from '../capture/reading.ts';
import { type BootFacts, bootReading } from './boot-messages.ts';
import { checkCoverage, checkFreeMemory, checkPages, checkPorts } from './cross-check.ts';
import { readDomains } from './domain-info.ts';
import type { MomentKey } from './dump-lines.ts';
import { type Boot, type Collected, collectDumps, type Dump, type Moment } from './dumps.ts';
import { type Elsewhere, elsewhereOf } from './elsewhere.ts';
import { readEventChannels } from './event-channels.ts';
import { readGrantTables } from './grant-tables.ts';
import { readHeapZones, readMemoryInfo, readNuma } from './memory-facts.ts';
import { emptyNotes, type Notes } from './notes.ts';
import { readGuestIrqs, readTsc } from './other-facts.ts';

const NO_LINES: Elsewhere = new Set();

/**
 * Reads one console log that is in memory.
 *
 * `lines` are without line ends; `file` is only quoted. The error side
 * lists everything that is missing or cannot be read, never empty. Nothing
 * throws, whatever the lines are.
 */
export const parseConsole = (
  lines: Iterable<string>,
  file: string,
): Either<readonly CaptureProblem[], ConsoleReading> => {
  const collector = collectDumps(file);
  for (const line of lines) collector.push(line);
  const collected = collector.end(false);
  const { moment } = collected;
  if (moment === undefined) return left(whatIsMissing(collected, file));
  const used = new Set(Object.values(moment.dumps));
  const others = [...collected.complete.values(), ...collected.incomplete.values()];
  return readMoment(moment, elsewhereOf(others.filter((dump) => !used.has(dump))));
};

/** Reads three complete dumps, which may be of several files. */
export const readMoment = (
  { dumps, boot }: Moment,
  elsewhere: Elsewhere = NO_LINES,
): Either<readonly CaptureProblem[], ConsoleReading> => {
  const notes = emptyNotes();
  // Lines that other dumps hold are no gaps in the three that count.
  const spare = emptyNotes();
  const memory = readMemory(boot, spare);
  const { numa } = memory;
  const topFrame = topOf(numa, boot.facts);
  const totals = new Map(numa?.domains.map(({ domid, totalPages }) => [domid, totalPages]));
  const domains = readDomains(dumps.q, { elsewhere, topFrame, totals, notes });
  // Without all domains the other dumps can only be read leniently.
  const known = notes.problems.length === 0 ? domains : [];
  const grantTables = readGrantTables(dumps.g, { domains: known, elsewhere, topFrame, notes });
  const irqs = boot.others.get('i');
  const guestIrqs = irqs === undefined ? undefined : readGuestIrqs(irqs, spare);
  const eventChannels = readEventChannels(dumps.e, {
    domains: known,
    guestIrqs: guestIrqs ?? [],
    elsewhere,
    notes,
  });
  checkPages(domains, numa, notes);
  checkFreeMemory(memory, (key) => placesOf(boot.others.get(key)), notes);
  checkPorts(known, eventChannels, dumps.e.closedBy === 'end-of-file', notes);
  if (notes.problems.length === 0) {
    const granters = grantTables.map(({ granter }) => ({ domid: granter }));
    checkCoverage(domains, granters, 'grant table', notes);
    checkCoverage(domains, eventChannels, 'event channels', notes);
  }
  const tscDump = boot.others.get('s');
  const tsc = tscDump === undefined ? undefined : readTsc(tscDump, spare);
  const reading: ConsoleReading = {
    version: boot.facts.version,
    sources: sourcesOf(dumps),
    nowNs: dumps.q.nowNs,
    domains,
    grantTables,
    eventChannels,
    memory,
    boot: bootReading(boot.facts),
    tsc,
    guestIrqs,
    scheduler: boot.facts.scheduler,
    repairs: [...notes.repairs, ...spare.repairs].sort(inOrder),
    contradictions: notes.contradictions,
    damaged: [...notes.damaged, ...spare.damaged],
    skippedLines: notes.skipped + dumps.q.skipped + dumps.g.skipped + dumps.e.skipped,
  };
  return notes.problems.length > 0 ? left(notes.problems) : right(reading);
};

const placesOf = (dump: Dump | undefined): readonly Place[] =>
  dump === undefined ? [] : [{ file: dump.file, line: dump.firstLine }];

const inOrder = (one: Repair, other: Repair): number =>
  one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1;

const readMemory = ({ others }: Boot, notes: Notes): ConsoleReading['memory'] => {
  const [numa, heap, info] = [others.get('u'), others.get('H'), others.get('m')];
  return {
    numa: numa === undefined ? undefined : readNuma(numa, notes),
    heapZones: heap === undefined ? undefined : readHeapZones(heap, notes),
    info: info === undefined ? undefined : readMemoryInfo(info, notes),
  };
};

const FRAME_SHIFT = 12n;

const topOf = (numa: NumaReading | undefined, { e820 }: BootFacts): number => {
  const ends = [
    ...(numa?.nodes ?? []).map(({ startPfn, spannedPages }) => startPfn + spannedPages),
    ...e820
      .filter(({ type }) => type === 'usable')
      .map(({ last }) => Number(last >> FRAME_SHIFT) + 1),
  ];
  return ends.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...ends);
};

const sourcesOf = ({ q, g, e }: Readonly<Record<MomentKey, Dump>>): Sources => ({
  domainInfo: sourceOf(q),
  grantTables: sourceOf(g),
  eventChannels: sourceOf(e),
});

const sourceOf = ({ file, firstLine, lastLine, closedBy }: Dump): SectionSource => ({
  file,
  firstLine,
  lastLine,
  closedBy,
});

const NAMES: Readonly<Record<MomentKey, string>> = {
  q: 'domain information (xl debug-keys q)',
  g: 'grant tables (xl debug-keys g)',
  e: 'event channels (xl debug-keys e)',
};

const HINT =
  'as root in dom0: xl dmesg -c >/dev/null; xl debug-keys q; xl debug-keys g; ' +
  'xl debug-keys e; xl dmesg';

/** Why a log holds no moment of which everything is known. */
export const whatIsMissing = (
  { complete, incomplete, lines }: Collected,
  file: string,
): readonly CaptureProblem[] => {
  const problems = (['q', 'g', 'e'] as const)
    .filter((key) => !complete.has(key))
    .map((key) => {
      const dump = incomplete.get(key);
      return {
        file,
        line: dump?.firstLine,
        what: dump === undefined ? `no dump of the ${NAMES[key]}` : whatIsWrong(dump, NAMES[key]),
        hint: HINT,
      };
    });
  if (problems.length > 0) return problems;
  const what = `the complete dumps of q, g and e in these ${lines} lines are of different moments`;
  return [{ file, line: undefined, what, hint: HINT }];
};

const whatIsWrong = (dump: Dump, name: string): string => {
  if (dump.overflow) return `the dump of the ${name} is longer than any host prints`;
  if (!dump.hasStart) return `the log starts inside the dump of the ${name}`;
  return `the dump of the ${name} is cut off: its last line is ${dump.lastLine}`;
};
