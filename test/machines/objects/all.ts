/**
 * Lives in which what random ones rarely meet happens to ports, grants,
 * requests and tables: short, on hosts as small as they can be.
 */
import type { Life } from '../support/lives.ts';
import { ports } from './event-channel.ts';
import { softMasks, softPorts, staleBit, twoPorts } from './event-channel-masks.ts';
import { resets } from './evtchn-reset.ts';
import { grantMaps } from './grant-maps.ts';
import { grantOffers } from './grant-offers.ts';
import { updates } from './iommu.ts';
import { requests, twoRequests } from './ioreq.ts';
import { slots } from './kexec-slot.ts';
import { typed } from './page-type.ts';
import { paging, twoLogged } from './paging-domctl.ts';
import { comings } from './places.ts';
import { mm, twoPins } from './pv-mm.ts';
import { brokenRules, crashes } from './restore-domain.ts';

export const objectLives = (): Life[] => [
  ...resets(),
  ...requests(),
  ...twoRequests(),
  ...mm(),
  ...twoPins(),
  ...typed(),
  ...paging(),
  ...twoLogged(),
  ...grantMaps(),
  ...grantOffers(),
  ...ports(),
  ...softPorts(),
  ...softMasks(),
  staleBit(),
  ...twoPorts(),
  ...updates(),
  ...slots(),
  ...crashes(),
  ...brokenRules(),
  ...comings(),
];
