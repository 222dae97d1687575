/** Reads a capture of a real Xen host: a console log or a folder of one. */
import { type Either, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import type { DumpKey } from '../console/dump-lines.ts';
import {
  type Boot,
  type Collected,
  collectDumps,
  type Dump,
  type Moment,
  momentOf,
} from '../console/dumps.ts';
import { elsewhereOf } from '../console/elsewhere.ts';
import { readMoment, whatIsMissing } from '../console/parse-console.ts';
import { type FoundCompanions, readCompanions } from './companions.ts';
import { compareCompanions } from './compare.ts';
import { type CaptureFiles, findFiles } from './find-files.ts';
import { forEachLine, type LogOptions, type LogProgress } from './log-lines.ts';
import { captureError } from './problems.ts';
import type {
  CaptureError,
  CaptureProblem,
  ConsoleReading,
  Reading,
  VersionReading,
} from './reading.ts';

/** Options of `readCapture`. */
export interface CaptureOptions {
  /** Called about every 4 MiB of a log. */
  readonly onProgress?: (progress: LogProgress) => void;
}

/** Logs that only complete a reading are small or left alone: 32 MiB. */
const OTHER_LOG_LIMIT = 1 << 25;

/**
 * Reads the capture at `path`: a console log, plain or .xz, or a folder
 * with logs and the output of other tools.
 *
 * Left when the dumps of q, g and e are not all there and readable, with
 * the places and what to do. Never throws; memory is bounded whatever the
 * size of the log (lines over 4 KiB are cut, logs over 1 GiB refused).
 */
export const readCapture = async (
  path: string,
  options: CaptureOptions = {},
): Promise<Either<CaptureError, Reading>> => {
  const found = await findFiles(path);
  if (isLeft(found)) return left(captureError([found.left]));
  const files = found.right;
  const logs = logReader(options);
  const main = await mainMoment(files, logs.read);
  if (isLeft(main)) return left(captureError(main.left));
  const others = await otherLogs(files, logs);
  const moment = completed(main.right, others);
  const used = new Set<Dump>(Object.values(moment.dumps));
  const dumps = [...logs.all(), ...others].flatMap(({ complete, incomplete }) => [
    ...complete.values(),
    ...incomplete.values(),
  ]);
  const reading = readMoment(moment, elsewhereOf(dumps.filter((dump) => !used.has(dump))));
  if (isLeft(reading)) return left(captureError(reading.left));
  const domids = reading.right.domains.map(({ domid }) => domid);
  const companions = await readCompanions(files.folders, domids);
  return right(withCompanions(reading.right, companions));
};

type ReadLog = (file: string) => Promise<Either<CaptureProblem, Collected>>;

interface LogReader {
  readonly read: ReadLog;
  readonly all: () => readonly Collected[];
  readonly has: (file: string) => boolean;
}

/** Reads each log once. */
const logReader = (options: LogOptions): LogReader => {
  const known = new Map<string, Either<CaptureProblem, Collected>>();
  const read: ReadLog = async (file) => {
    const before = known.get(file);
    if (before !== undefined) return before;
    const log = await readLog(file, options);
    known.set(file, log);
    return log;
  };
  const all = (): readonly Collected[] =>
    [...known.values()].flatMap((log) => (isRight(log) ? [log.right] : []));
  return { read, all, has: (file) => known.has(file) };
};

const readLog = async (
  file: string,
  options: LogOptions,
): Promise<Either<CaptureProblem, Collected>> => {
  const collector = collectDumps(file);
  const end = await forEachLine(file, collector.push, options);
  return isLeft(end) ? end : right(collector.end(end.right.cutInLine));
};

/** The moment of the first log that has one, or of logs with parts of it. */
const mainMoment = async (
  { logs, parts }: CaptureFiles,
  read: ReadLog,
): Promise<Either<readonly CaptureProblem[], Moment>> => {
  const problems: CaptureProblem[] = [];
  const collected: Collected[] = [];
  for (const file of logs) {
    const log = await read(file);
    if (isLeft(log)) problems.push(log.left);
    else if (log.right.moment !== undefined) return right(log.right.moment);
    else {
      if (problems.length === 0) problems.push(...whatIsMissing(log.right, file));
      collected.push(log.right);
    }
  }
  for (const file of parts) {
    const log = await read(file);
    if (isLeft(log)) problems.push(log.left);
    else collected.push(log.right);
  }
  const moment = combined(collected);
  if (moment !== undefined) return right(moment);
  const [first] = parts;
  const nothing = collected[0];
  if (problems.length === 0 && first !== undefined && nothing !== undefined) {
    problems.push(...whatIsMissing(nothing, first));
  }
  return left(problems);
};

/** Puts one dump of each key together from several logs, first come. */
const combined = (logs: readonly Collected[]): Moment | undefined => {
  const dumps = new Map<DumpKey, Dump>();
  let boot: Boot | undefined;
  for (const log of logs) {
    for (const [key, dump] of log.complete) if (!dumps.has(key)) dumps.set(key, dump);
    boot = boot === undefined ? log.boot : mergedBoot(boot, log.boot);
  }
  return boot === undefined ? undefined : momentOf(dumps, boot);
};

const otherLogs = async (files: CaptureFiles, logs: LogReader): Promise<readonly Collected[]> => {
  const found: Collected[] = [];
  for (const file of files.others) {
    if (logs.has(file)) continue;
    const log = await readLog(file, { limit: OTHER_LOG_LIMIT });
    if (isRight(log)) found.push(log.right);
  }
  return found;
};

/** Facts that the log itself lacks are taken from the host's other logs. */
const completed = (moment: Moment, others: readonly Collected[]): Moment => ({
  dumps: moment.dumps,
  boot: others.reduce((boot, other) => mergedBoot(boot, other.boot), moment.boot),
});

/** `own` with what only `other` has; nothing of another version. */
const mergedBoot = (own: Boot, other: Boot): Boot => {
  const versions = [own.facts.version?.text, other.facts.version?.text];
  if (versions[0] !== undefined && versions[1] !== undefined && versions[0] !== versions[1])
    return own;
  const [one, two] = [own.facts, other.facts];
  return {
    facts: {
      version: one.version ?? two.version,
      commandLine: one.commandLine ?? two.commandLine,
      loadBase: one.loadBase ?? two.loadBase,
      imageBase: one.imageBase ?? two.imageBase,
      e820: one.e820.length > 0 ? one.e820 : two.e820,
      systemRamKiB: one.systemRamKiB ?? two.systemRamKiB,
      iommu: one.iommu ?? two.iommu,
      hap: one.hap ?? two.hap,
      hvm: one.hvm ?? two.hvm,
      cpus: one.cpus ?? two.cpus,
      maxPirqsDom0: one.maxPirqsDom0 ?? two.maxPirqsDom0,
      scheduler: one.scheduler ?? two.scheduler,
    },
    others: new Map([...other.others, ...own.others]),
  };
};

const withCompanions = (reading: ConsoleReading, found: FoundCompanions): Reading => ({
  ...reading,
  version: reading.version ?? versionOf(found),
  scheduler: reading.scheduler ?? found.companions.info?.scheduler,
  contradictions: [...reading.contradictions, ...compareCompanions(reading, found)],
  companions: found.companions,
});

const versionOf = ({ version }: FoundCompanions): VersionReading | undefined => {
  const numbers = /^(\d{1,3})\.(\d{1,3})/.exec(version?.text ?? '');
  if (version === undefined || numbers === null) return undefined;
  return { ...version, major: Number(numbers[1]), minor: Number(numbers[2]) };
};
