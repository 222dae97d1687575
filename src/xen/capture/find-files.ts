/** Which files of a capture to read, in which order, and what for. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { systemReason } from '../../stream/framing/system-reason.ts';
import { fileProblem } from './problems.ts';
import type { CaptureProblem } from './reading.ts';

/** The files of a capture; all exist, none was opened yet. */
export interface CaptureFiles {
  /** Logs that may have q, g and e, the first that has all is used. */
  readonly logs: readonly string[];
  /** Logs with one key each, which together may have q, g and e. */
  readonly parts: readonly string[];
  /** Further logs of the same host: facts of the boot, other moments. */
  readonly others: readonly string[];
  /** Folders in which the output of xl and lsevtchn may lie. */
  readonly folders: readonly string[];
}

const HINT = 'give a console log (xl dmesg, a serial log) or a folder with one';
/** Names of the files that hold a whole console, best first. */
const LOG_NAMES = [/^xl-dmesg\.(txt|log)(\.xz)?$/, /^serial.*\.(txt|log)(\.xz)?$/];
const ANY_LOG = /\.(txt|log)(\.xz)?$/;
/** What a name says about a dump of one key, e.g. `before-q.txt`. */
const ONE_KEY = /^(|.*[^A-Za-z0-9])([qge])\.(txt|log)(\.xz)?$/;
const ALL_KEYS = /^star.*\.(txt|log)(\.xz)?$/;
/** Single keys whose dumps complete a reading. */
const SPARE_KEY = /^([ums]|i|H-upper|H)\.(txt|log)(\.xz)?$/;
const BOOT_LOG = /^xl-dmesg-boot\.(txt|log)(\.xz)?$/;
/** The output of other tools, which is no console log. */
const COMPANION = /^(xl-|lsevtchn|xen-diag|xenstore|xenctx|xen-hvmctx|proc-|README)/;
/** A folder of logs is not a file system. */
const MOST_NAMES = 4096;

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .sort()
      .slice(0, MOST_NAMES);
  } catch {
    // Companion folders need not exist.
    return [];
  }
};

/** Finds the files of the capture at `path`: one log, or a folder. */
export const findFiles = async (path: string): Promise<Either<CaptureProblem, CaptureFiles>> => {
  try {
    const found = await stat(path);
    return found.isDirectory() ? await inFolder(path) : right(await besideFile(path));
  } catch (cause) {
    return left(fileProblem(path, `cannot be read: ${systemReason(cause)}`, HINT));
  }
};

const joined = (folder: string, names: readonly string[]): readonly string[] =>
  names.map((name) => join(folder, name));

/** The folder of a capture that a folder of it belongs to. */
const rootOf = (folder: string): string =>
  ['keys', 'dom0'].includes(basename(folder)) ? dirname(folder) : folder;

const besideFile = async (path: string): Promise<CaptureFiles> => {
  const folder = dirname(path);
  const root = rootOf(folder);
  const names = await namesIn(folder);
  const own = basename(path);
  const prefix = ONE_KEY.exec(own)?.[1];
  const parts = names.filter(
    (name) => name !== own && prefix !== undefined && ONE_KEY.exec(name)?.[1] === prefix,
  );
  const others = await otherLogs(root);
  return {
    logs: [path],
    parts: [path, ...joined(folder, parts)],
    others: others.filter((other) => other !== path),
    folders: foldersOf(folder, root),
  };
};

const foldersOf = (folder: string, root: string): readonly string[] => [
  ...new Set([folder, join(folder, 'dom0'), root, join(root, 'dom0')]),
];

const inFolder = async (folder: string): Promise<Either<CaptureProblem, CaptureFiles>> => {
  const names = await namesIn(folder);
  const keyNames = await namesIn(join(folder, 'keys'));
  const first = LOG_NAMES.flatMap((pattern) => names.filter((name) => pattern.test(name)));
  const rest = names.filter(
    (name) =>
      ANY_LOG.test(name) && !first.includes(name) && !COMPANION.test(name) && !ONE_KEY.test(name),
  );
  const stars = keyNames.filter((name) => ALL_KEYS.test(name));
  const logs = [...joined(folder, [...first, ...rest]), ...joined(join(folder, 'keys'), stars)];
  const ownParts = oneMoment(names);
  const keyParts = oneMoment(keyNames);
  const parts =
    ownParts.length > 0 ? joined(folder, ownParts) : joined(join(folder, 'keys'), keyParts);
  if (logs.length === 0 && parts.length === 0) {
    const several = names.some((name) => ONE_KEY.test(name));
    const what = several
      ? 'a folder with dumps of several moments'
      : 'a folder without a console log';
    const hint = several ? 'name one of its files, e.g. the one that ends in q.txt' : HINT;
    return left(fileProblem(folder, what, hint));
  }
  const root = rootOf(folder);
  const others = await otherLogs(root);
  return right({
    logs,
    parts,
    others: others.filter((other) => !logs.includes(other)),
    folders: foldersOf(folder, root),
  });
};

/** Single-key logs, if all of them are of one moment. */
const oneMoment = (names: readonly string[]): readonly string[] => {
  const prefixes = new Set(names.map((name) => ONE_KEY.exec(name)?.[1]));
  prefixes.delete(undefined);
  return prefixes.size === 1 ? names.filter((name) => ONE_KEY.test(name)) : [];
};

/** Everything in a capture that Xen printed. */
const otherLogs = async (root: string): Promise<readonly string[]> => {
  const [own, keys, dom0] = await Promise.all([
    namesIn(root),
    namesIn(join(root, 'keys')),
    namesIn(join(root, 'dom0')),
  ]);
  const isBoot = (name: string): boolean => BOOT_LOG.test(name);
  const isDump = (name: string): boolean => ONE_KEY.exec(name)?.[1] === '' || SPARE_KEY.test(name);
  const isWhole = (name: string): boolean => LOG_NAMES.some((pattern) => pattern.test(name));
  return [
    ...joined(join(root, 'dom0'), dom0.filter(isBoot)),
    ...joined(
      root,
      own.filter((name) => isBoot(name) || isDump(name) || isWhole(name)),
    ),
    ...joined(join(root, 'keys'), keys.filter(isDump)),
  ];
};
