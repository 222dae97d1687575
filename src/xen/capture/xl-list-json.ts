/** Reads `xl list -l`: the configuration of every domain as JSON. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { GuestType, Place } from './reading.ts';

const Config = t.type({
  c_info: t.intersection([
    t.partial({ type: t.string, name: t.string, uuid: t.string }),
    t.type({}),
  ]),
  b_info: t.partial({
    type: t.string,
    max_vcpus: t.number,
    max_memkb: t.number,
    target_memkb: t.number,
  }),
});
const Entry = t.type({
  domid: t.number,
  config: t.intersection([Config, t.partial({ pcidevs: t.array(t.unknown) })]),
});
const Listing = t.array(t.unknown);

/** What `xl list -l` says of one domain. */
export interface ConfiguredDomain {
  readonly domid: number;
  readonly name: string | undefined;
  readonly type: GuestType | undefined;
  readonly uuid: string | undefined;
  readonly maxMemKiB: number | undefined;
  readonly targetMemKiB: number | undefined;
  readonly maxVcpus: number | undefined;
  readonly pciDevices: number;
  readonly place: Place;
}

const GUEST_TYPES: readonly GuestType[] = ['pv', 'pvh', 'hvm'];

/**
 * The domains of a listing. Error lines of libxl before the JSON are passed
 * over; entries of another shape are left out. Left: the line at which
 * there is no JSON listing.
 */
export const readXlListJson = (
  text: string,
  file: string,
): Either<Place, readonly ConfiguredDomain[]> => {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => /^\s*\[/.test(line));
  const parsed = first === -1 ? undefined : parsedJson(lines.slice(first).join('\n'));
  const listing = Listing.decode(parsed);
  if (isLeft(listing)) return left({ file, line: Math.max(first, 0) + 1 });
  const starts = domidLines(lines);
  return right(
    listing.right.flatMap((value): ConfiguredDomain[] => {
      const entry = Entry.decode(value);
      if (isLeft(entry)) return [];
      const { domid, config } = entry.right;
      const { c_info: create, b_info: build } = config;
      return [
        {
          domid,
          name: create.name,
          type: GUEST_TYPES.find((type) => type === (create.type ?? build.type)),
          uuid: create.uuid?.toLowerCase(),
          maxMemKiB: build.max_memkb,
          targetMemKiB: build.target_memkb,
          maxVcpus: build.max_vcpus,
          pciDevices: config.pcidevs?.length ?? 0,
          place: { file, line: starts.get(domid) ?? first + 1 },
        },
      ];
    }),
  );
};

const parsedJson = (text: string): unknown => {
  const end = text.lastIndexOf(']');
  try {
    return JSON.parse(text.slice(0, end + 1));
  } catch {
    return undefined;
  }
};

/** Where each domain starts; libxl prints the domid on a line of its own. */
const domidLines = (lines: readonly string[]): ReadonlyMap<number, number> => {
  const found = new Map<number, number>();
  lines.forEach((line, index) => {
    const domid = /^ {0,8}"domid": (\d{1,5}),?$/.exec(line)?.[1];
    if (domid !== undefined && !found.has(Number(domid))) found.set(Number(domid), index + 1);
  });
  return found;
};
