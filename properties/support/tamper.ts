/** What mutants do to the world besides the real steps. */
import type { PageContent } from '../../src/host/content.ts';
import type { Domain } from '../../src/host/domain.ts';
import { draftOf } from '../../src/host/frame-table.ts';
import { hostOf, type Update } from '../../src/liveupdate/update.ts';
import { withHost } from '../../src/world/world.ts';

/** The world with one domain changed; as it is when there is no such domain. */
export const changeDomain = (u: Update, domid: number, change: (d: Domain) => Domain): Update => {
  const host = hostOf(u);
  const d = host.xen.domains[domid];
  if (d === undefined) return u;
  const domains = { ...host.xen.domains, [domid]: change(d) };
  return withHost(u, { ...host, xen: { ...host.xen, domains } });
};

/** The world with the content of one frame changed; as it is when the frame has none. */
export const changeContent = (
  u: Update,
  frame: number,
  change: (c: PageContent) => PageContent,
): Update => {
  const host = hostOf(u);
  const c = host.hardware.content[frame];
  if (c === undefined) return u;
  const content = { ...host.hardware.content, [frame]: change(c) };
  return withHost(u, { ...host, hardware: { ...host.hardware, content } });
};

/** The world with the owner of one frame changed, and with it a whole new frame table. */
export const changeFrame = (
  u: Update,
  frame: number,
  { owner }: { readonly owner: number },
): Update => {
  const host = hostOf(u);
  const frames = draftOf(host.xen.frames);
  frames.owner[frame] = owner;
  return withHost(u, { ...host, xen: { ...host.xen, frames } });
};

/** The running Xen stops the machine here. */
export const crashed = (u: Update, what: string): Update => ({
  ...u,
  crash: { what, sources: [] },
});
