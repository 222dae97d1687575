/**
 * The verification before any domain runs (section 11, rules 16 and 20):
 * counts taken one by one against counts derived, both ends of every pair,
 * domain references. The PoC crashes on the first inconsistency (R44, Q8).
 * After it the reservations that are no longer needed become heap.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import type { XenVersion } from '../../design/versions.ts';
import { numericEntries } from '../../host/codec.ts';
import { FLAG, flagsOf, frameCount, generalCountOf, typeCountOf } from '../../host/frame-table.ts';
import type { Host } from '../../host/host.ts';
import { framesOf } from '../../host/ranges.ts';
import { deriveCounts, deriveDomainRefs } from '../../host/references.ts';
import { giveBack } from '../alloc.ts';
import { type Crash, crash, type Restoring } from '../boot.ts';

const hex = (n: number): string => `0x${n.toString(16)}`;

/** The first page whose counts are not what its references make them (I8.2), or null. */
const wrongCount = (host: Host, version: XenVersion): Crash | null => {
  const derived = deriveCounts(host, version.countRules);
  const { frames } = host.xen;
  if (derived.conflicts.length > 0)
    return {
      what: `frame ${hex(derived.conflicts[0] as number)} is wanted as two types at once`,
      sources: ['I8.5'],
    };
  for (let f = 0; f < frameCount(frames); f++) {
    if ((flagsOf(frames, f) & (FLAG.reserved | FLAG.free)) !== 0) continue;
    const general = derived.general[f] as number;
    const type = derived.typeCount[f] as number;
    if (generalCountOf(frames, f) !== general || typeCountOf(frames, f) !== type)
      return {
        what:
          `frame ${hex(f)} counts ${generalCountOf(frames, f)}/${typeCountOf(frames, f)}, ` +
          `its references ${general}/${type}`,
        sources: ['I8.2', 'section 11 rule 20'],
      };
  }
  return null;
};

/** The first end of a pair whose peer disagrees (rule 16), or null. */
const wrongPair = (host: Host): Crash | null => {
  for (const [id, d] of numericEntries(host.xen.domains))
    for (const [port, c] of numericEntries(d.events.channels)) {
      if (c.binding.state !== 'interdomain') continue;
      const { remoteDomid, remotePort } = c.binding;
      const peer = host.xen.domains[remoteDomid]?.events.channels[remotePort]?.binding;
      const agrees =
        peer?.state === 'interdomain' && peer.remoteDomid === id && peer.remotePort === port;
      if (!agrees)
        return {
          what: `d${id} port ${port}: d${remoteDomid} port ${remotePort} is not its peer`,
          sources: ['I6.1', 'section 11 rule 16'],
        };
    }
  return null;
};

const wrongRefcnt = (host: Host): Crash | null => {
  for (const [id, d] of numericEntries(host.xen.domains)) {
    const derived = deriveDomainRefs(host, d);
    if (d.refcnt !== derived)
      return { what: `d${id}: refcnt ${d.refcnt}, holders ${derived}`, sources: ['F2.14'] };
  }
  return null;
};

/** What contradicts itself in a host, by the rules of the version that made it; null: nothing. */
export const contradiction = (host: Host, version: XenVersion): Crash | null =>
  wrongCount(host, version) ?? wrongPair(host) ?? wrongRefcnt(host);

/** The whole verification, then the release of the stream's pages. */
export const verify = (
  r: Restoring,
  version: XenVersion,
  design: Design,
): E.Either<Crash, Restoring> => {
  const host: Host = { hardware: r.hardware, xen: r.xen };
  if (keeps(design, 'R44') && design.policies.Q8 !== 'tolerate') {
    const found =
      wrongCount(host, version) ??
      (design.policies.Q14 === 'defer' ? wrongPair(host) : null) ??
      wrongRefcnt(host);
    if (found !== null) return crash(found.what, ...found.sources);
  }
  const content = { ...r.hardware.content };
  for (const f of framesOf(r.streamFrames)) delete content[f];
  if (keeps(design, 'R32.once')) delete content[r.xen.bootmem.start];
  const freed = giveBack(
    { hardware: { ...r.hardware, content }, xen: r.xen },
    framesOf(r.streamFrames),
  );
  return E.right({ ...r, hardware: freed.hardware, xen: freed.xen, streamFrames: [] });
};
