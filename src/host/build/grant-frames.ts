/** Shared entries and status words of a domain's grant table (F7.1, F7.2). */
import { GRANT_STATUS_PER_PAGE, GRANT_V1_PER_PAGE, GRANT_V2_PER_PAGE } from '../constants.ts';
import type { GrantEntryV1, GrantEntryV2 } from '../content.ts';
import { BuildError, type DomainDraft, type Draft, type HostDraft } from './draft.ts';
import { contentAt, shareWithDomain } from './memory.ts';
import { mapGfn } from './p2m.ts';

/** Status words that `frames` pages of v2 entries need, in pages. */
const statusPages = (frames: number): number =>
  Math.ceil((frames * GRANT_V2_PER_PAGE) / GRANT_STATUS_PER_PAGE);

/** One more page of entries, and of status words when v2 needs one. */
export const addGrantFrame = (draft: HostDraft, d: DomainDraft): void => {
  const { grants, domid, type } = d.domain;
  if (grants.frames.length >= grants.maxFrames)
    throw new BuildError(`d${domid}: no more grant frames`);
  const frame = shareWithDomain(
    draft,
    domid,
    grants.version === 1 ? { kind: 'grant-v1', entries: {} } : { kind: 'grant-v2', entries: {} },
  );
  grants.frames.push(frame);
  if (type !== 'pv') mapGfn(draft, d, d.nextGfn++, frame);
  if (grants.version === 2 && statusPages(grants.frames.length) > grants.statusFrames.length)
    grants.statusFrames.push(shareWithDomain(draft, domid, { kind: 'grant-status', words: {} }));
};

const frameFor = (draft: HostDraft, d: DomainDraft, ref: number): number => {
  const perPage = d.domain.grants.version === 1 ? GRANT_V1_PER_PAGE : GRANT_V2_PER_PAGE;
  const index = Math.floor(ref / perPage);
  while (d.domain.grants.frames.length <= index) addGrantFrame(draft, d);
  return d.domain.grants.frames[index] as number;
};

export const writeV1 = (
  draft: HostDraft,
  d: DomainDraft,
  ref: number,
  entry: GrantEntryV1,
): void => {
  const frame = frameFor(draft, d, ref);
  contentAt(draft, frame, 'grant-v1').entries[ref % GRANT_V1_PER_PAGE] = { ...entry };
};

export const writeV2 = (
  draft: HostDraft,
  d: DomainDraft,
  ref: number,
  entry: GrantEntryV2,
): void => {
  const frame = frameFor(draft, d, ref);
  contentAt(draft, frame, 'grant-v2').entries[ref % GRANT_V2_PER_PAGE] = { ...entry };
};

/** The shared entry of a reference; the caller knows that it was offered. */
export const entryAt = (
  draft: HostDraft,
  d: DomainDraft,
  ref: number,
): Draft<GrantEntryV1 | GrantEntryV2> => {
  const frame = frameFor(draft, d, ref);
  const entry =
    d.domain.grants.version === 1
      ? contentAt(draft, frame, 'grant-v1').entries[ref % GRANT_V1_PER_PAGE]
      : contentAt(draft, frame, 'grant-v2').entries[ref % GRANT_V2_PER_PAGE];
  if (entry === undefined) throw new BuildError(`d${d.domain.domid} does not offer grant ${ref}`);
  return entry;
};

/** Sets GTF reading and writing bits: in the entry (v1) or in the status word (v2), F7.2. */
export const setStatus = (draft: HostDraft, d: DomainDraft, ref: number, bits: number): void => {
  const { grants } = d.domain;
  if (grants.version === 1) {
    const entry = entryAt(draft, d, ref);
    entry.flags |= bits;
    return;
  }
  const frame = grants.statusFrames[Math.floor(ref / GRANT_STATUS_PER_PAGE)];
  if (frame === undefined) throw new BuildError(`d${d.domain.domid}: no status word for ${ref}`);
  const { words } = contentAt(draft, frame, 'grant-status');
  words[ref % GRANT_STATUS_PER_PAGE] = (words[ref % GRANT_STATUS_PER_PAGE] ?? 0) | bits;
};
