/** Grant tables (F7). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import { copy, type GrantCopy } from './copy.ts';
import { type GrantMap, type GrantUnmap, map, unmap } from './map.ts';
import {
  type GrantOffer,
  type GrantRevoke,
  type InvalidateGrant,
  invalidate,
  offer,
  revoke,
} from './offer.ts';
import { type SetupTable, type SetVersion, setupTable, setVersion } from './table.ts';
import { type GrantTransfer, transfer } from './transfer.ts';

export type GrantEvent =
  | GrantOffer
  | GrantRevoke
  | InvalidateGrant
  | GrantMap
  | GrantUnmap
  | GrantCopy
  | GrantTransfer
  | SetupTable
  | SetVersion;

export const grantSteps: Bodies<GrantEvent> = {
  'grant.offer': offer,
  'grant.revoke': revoke,
  'guest.invalidate-grant': invalidate,
  'grant.map': map,
  'grant.unmap': unmap,
  'grant.copy': copy,
  'grant.transfer': transfer,
  'grant.setup_table': setupTable,
  'grant.set_version': setVersion,
};
