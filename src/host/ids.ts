/**
 * Branded numbers for the identifiers of the field, so that a port can never
 * be passed where a grant reference is meant. Each brand has an io-ts codec
 * (checked, for what comes in) and a plain function of the same name in lower
 * case (unchecked, for values whose range the caller has established).
 */
import * as t from 'io-ts';
import { DOMID_FIRST_RESERVED, DOMID_IDLE } from './constants.ts';

const natural = (n: number, limit: number): boolean => Number.isInteger(n) && n >= 0 && n < limit;

export interface DomidBrand {
  readonly Domid: unique symbol;
}
/** Domain identifier: 0..0x7FEF for domains, 0x7FF0.. for the system's own (F2.5). */
export const Domid = t.brand(
  t.number,
  (n): n is t.Branded<number, DomidBrand> => natural(n, DOMID_IDLE + 1),
  'Domid',
);
export type Domid = t.TypeOf<typeof Domid>;
export const domid = (n: number): Domid => n as Domid;
/** Is this the id of an ordinary domain, as opposed to DOMID_XEN and its like (F2.5)? */
export const isOrdinaryDomid = (n: number): boolean => n < DOMID_FIRST_RESERVED;

export interface MfnBrand {
  readonly Mfn: unique symbol;
}
/**
 * Machine frame number, in units of 4 KiB. Page-table entries of the model
 * keep a frame in 28 bits (`content.ts`), hence the bound: hosts up to 1 TiB.
 */
export const Mfn = t.brand(
  t.number,
  (n): n is t.Branded<number, MfnBrand> => natural(n, 2 ** 28),
  'Mfn',
);
export type Mfn = t.TypeOf<typeof Mfn>;
export const mfn = (n: number): Mfn => n as Mfn;

export interface GfnBrand {
  readonly Gfn: unique symbol;
}
/** Guest frame number, in units of 4 KiB; for a PV guest the pfn that the M2P holds. */
export const Gfn = t.brand(
  t.number,
  (n): n is t.Branded<number, GfnBrand> => natural(n, 2 ** 32 - 1),
  'Gfn',
);
export type Gfn = t.TypeOf<typeof Gfn>;

export interface GrantRefBrand {
  readonly GrantRef: unique symbol;
}
/** Grant reference: index into the granter's table (F7.1). */
export const GrantRef = t.brand(
  t.number,
  (n): n is t.Branded<number, GrantRefBrand> => natural(n, 2 ** 32),
  'GrantRef',
);
export type GrantRef = t.TypeOf<typeof GrantRef>;
export const grantRef = (n: number): GrantRef => n as GrantRef;

export interface HandleBrand {
  readonly MaptrackHandle: unique symbol;
}
/** Maptrack handle: index into the mapping domain's maptrack, visible to the guest (F7.4). */
export const MaptrackHandle = t.brand(
  t.number,
  (n): n is t.Branded<number, HandleBrand> => natural(n, 2 ** 32 - 1),
  'MaptrackHandle',
);
export type MaptrackHandle = t.TypeOf<typeof MaptrackHandle>;
export const maptrackHandle = (n: number): MaptrackHandle => n as MaptrackHandle;

export interface PortBrand {
  readonly Port: unique symbol;
}
/** Event-channel port, 1..131071; port 0 is never usable (F6.4). */
export const Port = t.brand(
  t.number,
  (n): n is t.Branded<number, PortBrand> => natural(n, 2 ** 17),
  'Port',
);
export type Port = t.TypeOf<typeof Port>;
export const port = (n: number): Port => n as Port;

export interface VcpuIdBrand {
  readonly VcpuId: unique symbol;
}
/** vCPU id within its domain, 0..8191, ascending without gaps (F2.4). */
export const VcpuId = t.brand(
  t.number,
  (n): n is t.Branded<number, VcpuIdBrand> => natural(n, 8192),
  'VcpuId',
);
export type VcpuId = t.TypeOf<typeof VcpuId>;
export const vcpuId = (n: number): VcpuId => n as VcpuId;
