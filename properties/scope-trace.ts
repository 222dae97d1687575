/** What a step of a scope changed, in the words of the model: its states are numbers of parts. */
import { diffHosts, EXACT } from '../src/host/diff.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import type { Packed, Packer } from '../src/scope/packed-world.ts';
import type { World } from '../src/world/world.ts';
import { placeOf, valueText } from './support/differences.ts';

/** Places of the host that are told of one step; more help nobody. */
const MAX_PLACES = 6;

/** As xen#2 is built anything is new, and but a hint of what it is about is told. */
const MAX_NEW = 2;

const hostChanges = (before: World, after: World): string[] => {
  // xen#2 begins with a host of its own, of which nothing was before.
  if ((before.host === null) !== (after.host === null)) return [];
  const found = diffHosts(hostOf(before), hostOf(after), EXACT);
  const isBuilt = after.host === null && after.resumed.length === 0;
  const most = isBuilt ? MAX_NEW : MAX_PLACES;
  const told = found
    .slice(0, most)
    .map((d) => `${placeOf(d)} ${valueText(d.before)} -> ${valueText(d.after)}`);
  return found.length > most ? [...told, `and ${found.length - most} more places`] : told;
};

/** What is in a list now and was not before. */
const added = <T>(
  before: readonly T[],
  after: readonly T[],
  text: (one: T) => string,
): string[] => {
  const known = new Set(before.map(text));
  return after.map(text).filter((one) => !known.has(one));
};

/**
 * The lines for one step: what came to stand in the way of the save and what
 * does no more, reasons to refuse, how far xen#2 is, and places of the host.
 */
export const changesText = (packer: Packer, from: Packed, to: Packed): readonly string[] => {
  const [before, after] = [packer.world(from), packer.world(to)];
  const obstacle = ({ where, what }: World['obstacles'][number]) => `${where}: ${what}`;
  return [
    ...added(before.obstacles, after.obstacles, obstacle).map((one) => `in the way: ${one}`),
    ...added(after.obstacles, before.obstacles, obstacle).map((one) => `out of the way: ${one}`),
    ...added(before.refusals, after.refusals, String).map((one) => `refused: ${one}`),
    ...added(before.resumed, after.resumed, (domid) => `d${domid} goes on`),
    ...(after.crash !== null && before.crash === null ? [`crash: ${valueText(after.crash)}`] : []),
    ...hostChanges(before, after),
  ];
};

/** The domains that a scope begins with, in one line. */
export const beginText = (packer: Packer, record: Packed): string =>
  Object.values(hostOf(packer.world(record)).xen.domains)
    .map(({ domid, type, vcpus }) => `d${domid} (${type}, vCPUs ${Object.keys(vcpus).join(' ')})`)
    .join(', ');
