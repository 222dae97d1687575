/** Reads the files that lie beside a console log. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type {
  CompanionDomain,
  Companions,
  GrantSizeReading,
  LsevtchnReading,
  Place,
  XlInfoReading,
} from './reading.ts';
import { type ConfiguredDomain, readXlListJson } from './xl-list-json.ts';
import {
  type ListedDomain,
  readGrantSizes,
  readLsevtchn,
  readXlInfo,
  readXlList,
} from './xl-text.ts';

/** Bytes of a companion file that are read: 4 MiB. */
const FILE_LIMIT = 1 << 22;
/** More domains than a host has `lsevtchn` files for. */
const MOST_DOMAINS = 1024;

/** The companions, with the version that `xl info` gives. */
export interface FoundCompanions {
  readonly companions: Companions;
  readonly version: (Place & { readonly text: string }) | undefined;
  /** The rows of the listings, for comparing them with the dumps. */
  readonly listed: readonly ListedDomain[];
  readonly configured: readonly ConfiguredDomain[];
}

/** The text of a file, or undefined if there is none or it is too long. */
const textOf = async (path: string): Promise<string | undefined> => {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > FILE_LIMIT) return undefined;
      return await file.readFile('latin1');
    } finally {
      await file.close();
    }
  } catch {
    // A companion that is absent or unreadable is no companion.
    return undefined;
  }
};

/** The first of the folders that has the file. */
const firstIn = async (
  folders: readonly string[],
  name: string,
): Promise<{ readonly file: string; readonly text: string } | undefined> => {
  for (const folder of folders) {
    const file = join(folder, name);
    const text = await textOf(file);
    if (text !== undefined) return { file, text };
  }
  return undefined;
};

/**
 * Reads all companions in the folders. `domids` are those of the dump: only
 * for them is `lsevtchn-N.txt` looked for.
 */
export const readCompanions = async (
  folders: readonly string[],
  domids: readonly number[],
): Promise<FoundCompanions> => {
  const files: string[] = [];
  const unreadable: Place[] = [];
  const find = async (name: string): Promise<{ file: string; text: string } | undefined> => {
    const found = await firstIn(folders, name);
    if (found !== undefined) files.push(found.file);
    return found;
  };

  let configured: readonly ConfiguredDomain[] = [];
  const json = await find('xl-list-l.json');
  if (json !== undefined) {
    const read = readXlListJson(json.text, json.file);
    if (isLeft(read)) unreadable.push(read.left);
    else configured = read.right;
  }

  const listed: ListedDomain[] = [];
  for (const name of ['xl-list-v.txt', 'xl-list.txt']) {
    const found = await find(name);
    if (found === undefined) continue;
    const read = readXlList(found.text, found.file);
    listed.push(...read.rows);
    unreadable.push(...read.unreadable);
  }

  const lsevtchn: LsevtchnReading[] = [];
  for (const domid of domids.slice(0, MOST_DOMAINS)) {
    const found = await find(`lsevtchn-${domid}.txt`);
    if (found === undefined) continue;
    const read = readLsevtchn(found.text, found.file, domid);
    lsevtchn.push(read.reading);
    unreadable.push(...read.unreadable);
  }

  let grantSizes: readonly GrantSizeReading[] = [];
  const sizes = await find('xen-diag.txt');
  if (sizes !== undefined) {
    const read = readGrantSizes(sizes.text, sizes.file);
    grantSizes = read.rows;
    unreadable.push(...read.unreadable);
  }

  let info: XlInfoReading | undefined;
  let version: FoundCompanions['version'];
  const infoFile = await find('xl-info.txt');
  if (infoFile !== undefined) {
    ({ reading: info, version } = readXlInfo(infoFile.text, infoFile.file));
  }

  const domains = merged(configured, listed);
  const companions = { domains, lsevtchn, grantSizes, info, unreadable, files };
  return { companions, version, listed, configured };
};

/** One entry a domain; the first source that has a fact is believed. */
const merged = (
  configured: readonly ConfiguredDomain[],
  listed: readonly ListedDomain[],
): readonly CompanionDomain[] => {
  const domids = [...new Set([...configured, ...listed].map(({ domid }) => domid))];
  return domids
    .sort((one, other) => one - other)
    .map((domid) => {
      const config = configured.find((entry) => entry.domid === domid);
      const rows = listed.filter((row) => row.domid === domid);
      const [row] = rows;
      return {
        domid,
        name: config?.name ?? row?.name,
        type: config?.type,
        uuid: config?.uuid ?? row?.uuid,
        maxMemKiB: config?.maxMemKiB,
        targetMemKiB: config?.targetMemKiB,
        maxVcpus: config?.maxVcpus ?? row?.vcpus,
        pciDevices: config?.pciDevices ?? 0,
        state: row?.state,
        shutdownReason: row?.shutdownReason,
        label: row?.label,
        sources: [
          ...(config === undefined ? [] : [config.place]),
          ...rows.map(({ place }) => place),
        ],
      };
    });
};
