/**
 * Console dumps (keys q, g and e) of a moment within a trace, against what
 * the trace says of that moment. A dump shows what the trace only implies:
 * who exists, who is paused, how many grants are mapped.
 */
import * as E from 'fp-ts/lib/Either.js';
import { readCapture } from '../xen/capture/read-capture.ts';
import type { CaptureError, Reading } from '../xen/capture/reading.ts';
import { FREE, HOLD, ifDying, mayRun, surely } from './holds.ts';
import type { HostKnown } from './host-known.ts';
import type { DomainKnown, VcpuKnown } from './known.ts';
import { NO, YES } from './tri.ts';

/** A domain as a dump shows it. */
export interface DumpedDomain {
  readonly domain: number;
  /** 0 alive, 1 dying, 2 dead. */
  readonly dying: number;
  readonly pauseCount: number;
  /** By the number of the vCPU. */
  readonly vcpus: ReadonlyMap<number, { readonly pauseCount: number; readonly pauseFlags: number }>;
  /** Mappings of its grants by any domain: the sum of all pin counters. */
  readonly mapped: number;
}

/** The dumps of one moment. */
export interface DumpedHost {
  readonly path: string;
  readonly domains: ReadonlyMap<number, DumpedDomain>;
}

const pins = (pin: number): number =>
  (pin & 0xff) + ((pin >>> 8) & 0xff) + ((pin >>> 16) & 0xff) + (pin >>> 24);

const dumpedHost = (path: string, { domains, grantTables }: Reading): DumpedHost => ({
  path,
  domains: new Map(
    domains.map(({ domid, dying, pauseCount, vcpus }) => [
      domid,
      {
        domain: domid,
        dying,
        pauseCount,
        vcpus: new Map(vcpus.map((v) => [v.id, v])),
        mapped: grantTables
          .filter(({ granter }) => granter === domid)
          .flatMap(({ entries }) => entries)
          .reduce((sum, { pin }) => sum + pins(pin), 0),
      },
    ]),
  ),
});

/** Reads the dumps at `path`, a log or a folder, as `xen-lu import` does; or says why it cannot. */
export const readDump = async (path: string): Promise<E.Either<CaptureError, DumpedHost>> =>
  E.map((reading: Reading) => dumpedHost(path, reading))(await readCapture(path));

/** pause_flags without VPF_blocked, which is no hold. */
const held = (flags: number): number => flags & ~1;

const vcpuProblem = (v: VcpuKnown, d: DumpedDomain): string | null => {
  const dumped = d.vcpus.get(v.vcpu);
  if (dumped === undefined) return `${v.name} is not there`;
  const { pauseCount, pauseFlags } = dumped;
  const counts = `pause_count ${d.pauseCount} and ${pauseCount}, pause_flags ${pauseFlags}`;
  const isHeld = d.pauseCount > 0 || pauseCount > 0 || held(pauseFlags) !== 0;
  if (v.holds === FREE && isHeld) return `nothing holds ${v.name}, which has ${counts}`;
  if (!mayRun(v.holds) && !isHeld) return `${v.name} is held, and has ${counts}`;
  if (surely(v.holds, HOLD.shutdown) && pauseCount === 0) {
    return `${v.name} is paused for a shutdown, and has ${counts}`;
  }
  const dying = ifDying(v.holds);
  if (dying === 0 && d.dying > 0)
    return `${v.name} is not dying, d${d.domain} has dying=${d.dying}`;
  if (dying === v.holds && d.dying === 0) return `d${d.domain} is being destroyed, and has dying=0`;
  return null;
};

const domainProblems = (known: DomainKnown, d: DumpedDomain | undefined): string[] => {
  const name = `d${known.domain}`;
  if (d === undefined) return known.exists === YES ? [`${name} exists, and is not there`] : [];
  if (known.exists === NO) return [`${name} does not exist, and is there`];
  return [...known.vcpus.values()].flatMap((v) => vcpuProblem(v, d) ?? []);
};

/** What the dump says of domains and vCPUs that the trace contradicts at this moment. */
export const lifeProblems = (host: HostKnown, dump: DumpedHost): readonly string[] =>
  [...host.domains].flatMap((known) => domainProblems(known, dump.domains.get(known.domain)));

/** What it says of mapped grants that the trace contradicts at this moment. */
export const grantProblems = (host: HostKnown, dump: DumpedHost): readonly string[] =>
  [...host.domains].flatMap((known) => {
    const mapped = dump.domains.get(known.domain)?.mapped;
    if (mapped === undefined || known.exists === NO) return [];
    const [least, most] = [known.mappedBy.get(0) ?? 0, known.mappedAtMost];
    if (mapped >= least && mapped <= most) return [];
    const range = least === most ? `${least}` : `${least} to ${most}`;
    return [`d${known.domain} has ${range} grant mappings, and has ${mapped}`];
  });
