/** What stands between a small host and the save, asked directly (F9.9). */
import { hostOf } from '../../properties/support/scenes.ts';
import { type Design, defaultDesign } from '../../src/design/design.ts';
import type { HostDraft } from '../../src/host/build/draft.ts';
import type { DomainType } from '../../src/host/domain.ts';
import { obstacles } from '../../src/liveupdate/boundary/index.ts';
import { version } from './updates.ts';

/** Of dom0, d1 of a type and a PV d2, all of Xen 4.17. */
export const standing = (
  type: DomainType,
  change: (draft: HostDraft) => void,
  policies: Partial<Design['policies']> = {},
  to = '4.17',
) => {
  const design = { ...defaultDesign, policies: { ...defaultDesign.policies, ...policies } };
  const host = hostOf([type, 'pv'], change);
  return obstacles(host, { design, from: version('4.17'), to: version(to) });
};
