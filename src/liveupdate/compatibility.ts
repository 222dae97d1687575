/**
 * What of this host the loaded xen#2 could not take, decided in xen#1 before
 * anything is touched (R9, S56, S63): after the jump the same finding would
 * be a crash. xen#1 knows xen#2 by the description that comes with its image.
 */
import { type Design, keeps } from '../design/design.ts';
import { versionOf, type XenVersion } from '../design/versions.ts';
import { numericEntries } from '../host/codec.ts';
import type { Domain } from '../host/domain.ts';
import { FLAG, flagsOf, frameCount, ownerOf } from '../host/frame-table.ts';
import type { Host } from '../host/host.ts';
import { endOf } from '../host/ranges.ts';
import type { XenBuild } from '../host/system.ts';
import { EARLY_FRAMES, frameTableFrames } from './boot.ts';
import { asksPolicy, trespasses, trespassText } from './foreign-rights.ts';
import { place } from './placement.ts';

export interface Target {
  readonly build: XenBuild;
  readonly commandLine: string;
  readonly to: XenVersion;
  readonly design: Design;
}

/**
 * Limits of grant tables that domain_create() would refuse (F2.3): what the
 * domain may come to use counts, not what it uses now.
 */
const grantLimits = (d: Domain, build: XenBuild): string[] => {
  const { grants } = d;
  const found: string[] = [];
  const say = (what: string, has: number, may: number): void => {
    if (has > may) found.push(`d${d.domid}: ${what} ${has}, xen#2 allows ${may} (F2.3, S56)`);
  };
  say('grant table version', grants.version, build.gnttabMaxVersion);
  say('maximal grant table version', d.config.maxGrantVersion, build.gnttabMaxVersion);
  say('maximal grant frames', grants.maxFrames, build.gnttabMaxFrames);
  say('maximal maptrack frames', grants.maxMaptrackFrames, build.gnttabMaxMaptrackFrames);
  return found;
};

/** Memory that xen#2 has for its frame table: xen#1's, or bootmem (R25, R26). */
const bootMemory = (host: Host, { build, design }: Target): string[] => {
  const need = frameTableFrames(host.hardware);
  const placed = place(host.xen.bootmem, host.xen.image, build.imageFrames);
  // Elsewhere it gets as much as xen#1 has (Q10).
  const moved = design.policies.Q10 === 'anywhere' || !keeps(design, 'R28');
  const elsewhere = moved ? host.xen.bootmem : null;
  const bootmem = elsewhere ?? (placed._tag === 'Right' ? placed.right.bootmem : null);
  if (bootmem === null) return ['xen#2 has no place (R28)'];
  const reusable = host.xen.private
    .filter((p) => p.use === 'frametable')
    .map((p) => p.frames.count);
  const room = Math.max(0, ...reusable, bootmem.count - EARLY_FRAMES - 1);
  return room >= need
    ? []
    : [
        `no ${need} adjacent frames for xen#2's frame table in bootmem ` +
          `(up to 0x${endOf(bootmem).toString(16)}) or in reusable memory (R25, R26)`,
      ];
};

/** Domains whose emulators, followed from one to the next, lead back to them (A1, F9.7). */
const emulatorCircles = (host: Host): string[] => {
  const emulatorsOf = (id: number): number[] =>
    numericEntries(host.xen.domains[id]?.ioreqServers ?? {}).map(([, s]) => s.emulator);
  return numericEntries(host.xen.domains).flatMap(([id, d]) => {
    if (d.dying !== 'alive') return [];
    const reached = new Set<number>();
    const work = emulatorsOf(id);
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      work.push(...emulatorsOf(next));
    }
    return reached.has(id) ? [`d${id} needs itself to emulate its devices (A1, F9.7)`] : [];
  });
};

/**
 * Extra pages of PV domains, which a version without PGC_extra cannot hold
 * (F8.2, S63). Those of translated domains are tables of the P2M and pages of
 * device models, which every version has under some name.
 */
const extraPages = (host: Host, to: XenVersion): string[] => {
  const from = versionOf(host.xen.build.version);
  if (to.layout.extra !== null || from?.layout.extra === null) return [];
  const { frames } = host.xen;
  const owners = new Set<number>();
  for (let f = 0; f < frameCount(frames); f++)
    if ((flagsOf(frames, f) & FLAG.extra) !== 0) owners.add(ownerOf(frames, f));
  const pv = [...owners].filter((id) => host.xen.domains[id]?.type === 'pv');
  return pv.map((id) => `d${id}: has extra pages, xen#2 allows none in ${to.id} (F8.2, S63)`);
};

/** Foreign mappings that xen#2's policy would refuse, where xen#1 asks for it (Q9). */
const foreignRights = (host: Host, { commandLine, design }: Target): string[] =>
  design.policies.Q9 === 'early' && asksPolicy(commandLine)
    ? trespasses(host).map((t) => `${trespassText(t)} (Q9, F8.20)`)
    : [];

/** Reasons to refuse, empty if there are none. */
export const incompatibilities = (host: Host, target: Target): string[] => {
  const circles = keeps(target.design, 'A1') ? emulatorCircles(host) : [];
  if (!keeps(target.design, 'R9.refuse')) return circles;
  return [
    ...circles,
    ...(target.design.policies.Q7 === 'fake'
      ? []
      : numericEntries(host.xen.domains).flatMap(([, d]) => grantLimits(d, target.build))),
    ...extraPages(host, target.to),
    ...foreignRights(host, target),
    ...bootMemory(host, target),
  ];
};
