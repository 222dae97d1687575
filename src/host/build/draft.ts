/**
 * A host under construction: the same shapes as `Host`, but mutable, and
 * without the counts, which `finish` derives. For tests, generators and
 * bounded scopes; nothing of an update is built with it.
 */
import type { PageContent } from '../content.ts';
import type { Domain } from '../domain.ts';
import type { FrameTableDraft } from '../frame-table.ts';
import type { Hardware } from '../hardware.ts';
import type { Xen } from '../host.ts';
import type { Mfn } from '../ids.ts';
import type { FrameRange } from '../ranges.ts';
import type { CountRules } from '../references.ts';
import type { Vcpu } from '../vcpu.ts';

/** `T` with everything writable; numbers keep their brands. */
export type Draft<T> = T extends string | number | boolean | null | undefined | Uint32Array
  ? T
  : T extends readonly [infer A, infer B]
    ? [Draft<A>, Draft<B>]
    : T extends readonly (infer U)[]
      ? Draft<U>[]
      : T extends object
        ? { -readonly [K in keyof T]: Draft<T[K]> }
        : T;

/** What cannot be built: the caller asked for a host that no Xen could be in. */
export class BuildError extends Error {}

/** A domain under construction, and which of its pages have no use yet. */
export interface DomainDraft {
  readonly domain: Draft<Domain>;
  /** Its ordinary pages, by pfn or gfn. */
  readonly pages: Mfn[];
  /** Index in `pages` of the next one that has no special use. */
  nextPage: number;
  /** PV: its page tables by level, in the order of their making; empty otherwise. */
  readonly tables: Record<1 | 2 | 3 | 4, Mfn[]>;
  /** Translated: gfn for the next mapping that is not of its own memory. */
  nextGfn: number;
  /** Next grant reference that has no offer. */
  nextRef: number;
}

/** A host under construction. Functions of this folder change it in place. */
export interface HostDraft {
  readonly rules: CountRules;
  readonly hardware: Draft<Omit<Hardware, 'content'>> & { content: Record<number, PageContent> };
  readonly xen: Draft<Omit<Xen, 'frames' | 'domains'>>;
  readonly frames: FrameTableDraft;
  readonly domains: Record<number, DomainDraft>;
  /** The allocator's cursor: frames below it were handed out or skipped. */
  cursor: number;
}

/** What a host is made of, where it differs from the default. */
export interface HostOptions {
  /** Frames of RAM, from frame 0; default 2048. */
  readonly ramFrames?: number;
  /** Ranges of it that are no RAM. */
  readonly holes?: readonly FrameRange[];
  /** Key of a version description; default '4.17'. */
  readonly version?: string;
  /** How that version counts; default as after XSA-299 (F8.8). */
  readonly rules?: CountRules;
  /** Live-update bootmem in frames, a multiple of 512; default 512. */
  readonly bootmemFrames?: number;
  /** Xen's image in frames; occupies a multiple of 512; default 512. */
  readonly imageFrames?: number;
  /** Frame where the image starts, a multiple of 512; default 1024. */
  readonly imageStart?: number;
  readonly cpus?: number;
  readonly now?: number;
}

export const domainAt = (draft: HostDraft, id: number): DomainDraft => {
  const d = draft.domains[id];
  if (d === undefined) throw new BuildError(`no d${id}`);
  return d;
};

export const vcpuAt = (d: DomainDraft, id: number): Draft<Vcpu> => {
  const v = d.domain.vcpus[id];
  if (v === undefined) throw new BuildError(`no d${d.domain.domid}v${id}`);
  return v;
};
