/**
 * Updates made by hand, for tests of what the invariants say of them: an
 * ideal one, and ways to spoil a host deep inside.
 */
import type { Invariant, Step, UpdateEvidence, Verdict } from '../../../properties/invariant.ts';
import { loadInvariants } from '../../../properties/registry.ts';
import { defaultDesign } from '../../../src/design/design.ts';
import type { Draft, HostDraft } from '../../../src/host/build/draft.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { numericKeys } from '../../../src/host/codec.ts';
import type { ContentKind, ContentOf } from '../../../src/host/content.ts';
import type { Domain } from '../../../src/host/domain.ts';
import { FLAG, type FrameTableDraft, hasFlag, typeOf } from '../../../src/host/frame-table.ts';
import type { Host } from '../../../src/host/host.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { version } from '../../support/updates.ts';

/** A host whose every part a test may change. */
export interface LooseHost {
  readonly hardware: HostDraft['hardware'];
  readonly xen: HostDraft['xen'] & {
    readonly domains: Record<number, Draft<Domain>>;
    readonly frames: FrameTableDraft;
  };
}

/** A copy of a host to be changed. */
export const loose = (host: Host): LooseHost => structuredClone(host) as LooseHost;

/** The mixed host with something in it changed. */
export const spoilt = (spoil: (host: LooseHost) => void, base: Host = mixedHost()): Host => {
  const host = loose(base);
  spoil(host);
  return host;
};

export const domainOf = (host: LooseHost, id: number): Draft<Domain> => {
  const d = host.xen.domains[id];
  if (d === undefined) throw new Error(`no d${id}`);
  return d;
};

export const vcpuOf = (
  host: LooseHost,
  id: number,
  vcpu: number,
): Draft<Domain>['vcpus'][number] => {
  const v = domainOf(host, id).vcpus[vcpu];
  if (v === undefined) throw new Error(`no d${id}v${vcpu}`);
  return v;
};

export const contentIn = <K extends ContentKind>(
  host: LooseHost,
  frame: number | null | undefined,
  kind: K,
): Draft<ContentOf<K>> => {
  const content = host.hardware.content[frame ?? -1];
  if (content?.kind !== kind) throw new Error(`frame ${frame} holds no ${kind}`);
  return content as Draft<ContentOf<K>>;
};

/** A host as an update without a fault leads to: another instance, everything else the same. */
export const updated = (before: Host, spoil: (host: LooseHost) => void = () => undefined): Host => {
  const host = loose(before);
  host.xen.instance = before.xen.instance + 1;
  host.hardware.xenWrites = host.hardware.xenWrites.map((w) => ({
    ...w,
    instance: host.xen.instance,
  }));
  for (const f of numericKeys(host.hardware.content)) {
    const content = host.hardware.content[f];
    const isL4 =
      typeOf(host.xen.frames, f) === PGT.l4 && hasFlag(host.xen.frames, f, FLAG.validated);
    if (content?.kind === 'pagetable' && isL4)
      host.hardware.content[f] = { ...content, xenSlots: host.xen.instance };
  }
  spoil(host);
  return host;
};

/** A host as it is at the save: every domain that lives is parked once. */
export const parked = (host: Host): Host =>
  spoilt((h) => {
    for (const d of Object.values(h.xen.domains)) {
      if (d.dying !== 'alive') continue;
      d.pausers.push('lu');
      d.pauseCount++;
    }
  }, host);

export const V417 = version('4.17');

/** The evidence of an update from `before` to `after`. */
export const evidence = (
  before: Host,
  after: Host,
  changes: Partial<UpdateEvidence> = {},
): UpdateEvidence => ({
  design: defaultDesign,
  from: V417,
  to: V417,
  before,
  saved: parked(before),
  after,
  outcome: 'resumed',
  ...changes,
});

const loaded = loadInvariants();

export const invariantOf = async (id: string): Promise<Invariant> => {
  const found = (await loaded).find((i) => i.id === id);
  if (found === undefined) throw new Error(`no invariant ${id}`);
  return found;
};

const lines = (v: Verdict | undefined): string[] => {
  if (v === undefined) throw new Error('the invariant does not look at that');
  return v.offenders.map((o) => `${o.where}: ${o.what}`);
};

/** What an invariant says of a host at rest. */
export const ofHost = async (id: string, host: Host, v = V417): Promise<string[]> =>
  lines((await invariantOf(id)).host?.(host, v));

/** What it says of a host at the save. */
export const ofSaved = async (id: string, host: Host, v = V417): Promise<string[]> =>
  lines((await invariantOf(id)).saved?.(host, v));

/** What it says of an update whose result is `after`, from the mixed host unless told otherwise. */
export const ofUpdate = async (
  id: string,
  spoil: (after: LooseHost) => void,
  before: Host = mixedHost(),
): Promise<string[]> =>
  lines((await invariantOf(id)).update?.(evidence(before, updated(before, spoil))));

/** What it says of a whole piece of evidence. */
export const ofEvidence = async (id: string, e: UpdateEvidence): Promise<string[]> =>
  lines((await invariantOf(id)).update?.(e));

/** What its watcher says after these steps. */
export const ofSteps = async (
  id: string,
  steps: readonly (Pick<Step, 'host' | 'phase'> & { readonly type?: string })[],
): Promise<string[]> => {
  const watcher = (await invariantOf(id)).watch?.(defaultDesign);
  for (const s of steps) watcher?.see({ type: 'step', domid: null, ...s });
  return lines(watcher?.verdict());
};
