/** Which Xen runs: its version, its build, its command line, its clock. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { nearestVersion, type XenVersion } from '../../design/versions.ts';
import type { XenBuild } from '../../host/system.ts';
import type { Reading } from '../capture/reading.ts';
import { type CompletionError, completionError } from './errors.ts';
import type { Notes } from './notes.ts';

const ASSUMED = { major: 4, minor: 17 } as const;
/** gnttab limits that Xen has by default (F7, gnttab defaults). */
const GNTTAB_MAX_FRAMES = 64;
const GNTTAB_MAX_MAPTRACK_FRAMES = 1024;
const GNTTAB_MAX_VERSION = 2;

/** The description that stands for the running Xen; an older one than all is an error. */
export const versionOfReading = (
  reading: Reading,
  notes: Notes,
): Either<CompletionError, XenVersion> => {
  const { major, minor } = reading.version ?? ASSUMED;
  if (reading.version === undefined) notes.assume('version', 1);
  const version = nearestVersion(major, minor);
  if (version === null)
    return left(
      completionError(
        'unknown-version',
        `Xen ${major}.${minor} is older than all versions that are described`,
        'use a capture of Xen 4.11 or newer',
        reading.version ?? null,
      ),
    );
  if (version.major !== major || version.minor !== minor) notes.assume('nearest-version', 1);
  return right(version);
};

/** The command line, from the boot log or `xl info`; empty when neither shows it. */
export const commandLineOf = (reading: Reading): string =>
  reading.boot.commandLine ?? reading.companions.info?.commandLine ?? '';

/** Of `xl info`'s capabilities, else `gnttab=max-ver:N` of the command line, else Xen's default. */
const maxGrantVersion = (reading: Reading): number => {
  const caps = reading.companions.info?.virtCaps ?? [];
  if (caps.includes('gnttab-v1')) return caps.includes('gnttab-v2') ? 2 : 1;
  const option = /(?:^|\s)gnttab=\S*?max[-_]ver:([12])/g;
  const last = [...commandLineOf(reading).matchAll(option)].at(-1);
  return last === undefined ? GNTTAB_MAX_VERSION : Number(last[1]);
};

const largest = (numbers: readonly number[], otherwise: number): number =>
  numbers.reduce((a, b) => Math.max(a, b), otherwise);

/** The highest grant table version that the host allows, 1 or 2. */
export const grantVersionLimit = (reading: Reading): number =>
  largest(
    reading.grantTables.map((g) => Math.min(g.version, 2)),
    maxGrantVersion(reading),
  );

/** The build, with the limits that the grant tables of the dump show. */
export const buildOf = (reading: Reading, version: XenVersion, imageFrames: number): XenBuild => ({
  version: version.id,
  imageFrames,
  gnttabMaxVersion: grantVersionLimit(reading),
  gnttabMaxFrames: largest(
    reading.grantTables.map((g) => g.maxFrames),
    GNTTAB_MAX_FRAMES,
  ),
  gnttabMaxMaptrackFrames: largest(
    reading.grantTables.map((g) => g.maxMaptrackFrames),
    GNTTAB_MAX_MAPTRACK_FRAMES,
  ),
});

/** System time in ns; a number beyond 2^53 is rounded. */
export const systemTimeOf = (reading: Reading, notes: Notes): number => {
  if (reading.nowNs === undefined || reading.nowNs < 0n) {
    notes.assume('system-time', 1);
    return 0;
  }
  return Math.min(Number(reading.nowNs), Number.MAX_SAFE_INTEGER);
};

/** CPUs: of the boot log, `xl info`, or as many as any line of the dump names. */
export const cpusOf = (reading: Reading, notes: Notes): number => {
  const told = reading.boot.cpus ?? reading.companions.info?.nrCpus;
  const named = reading.domains.flatMap((d) => d.vcpus.map((v) => v.cpu + 1));
  const numa = reading.memory.numa?.cpus.map((c) => c.last + 1) ?? [];
  if (told === undefined) notes.assume('cpus', 1);
  return largest([...named, ...numa], told ?? 1);
};
