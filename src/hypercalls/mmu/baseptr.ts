/** MMUEXT_NEW_BASEPTR and NEW_USER_BASEPTR: what cr3 holds (F8.5, F8.9). */
import { mfn } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import { getPageAndType } from '../pages/gets.ts';
import { putPageAndType } from '../pages/puts.ts';
import type { Body } from '../step.ts';
import { isCaller } from '../vcpus.ts';
import { mmCaller } from './update.ts';

export interface NewBaseptr {
  readonly type: 'mmuext.new_baseptr';
  readonly domid: number;
  readonly vcpu: number;
  readonly frame: number;
}
/** Frame 0: no user tables. */
export interface NewUserBaseptr {
  readonly type: 'mmuext.new_user_baseptr';
  readonly domid: number;
  readonly vcpu: number;
  readonly frame: number;
}

/** The new table's references are taken before the old one's go. */
export const newBaseptr: Body<NewBaseptr> = (tx, e) => {
  const c = mmCaller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const old = c.v.guestTable;
  if (old === e.frame) return null;
  const failed = getPageAndType(tx, e.frame, e.domid, PGT.l4);
  if (failed !== null) return failed;
  c.v.guestTable = mfn(e.frame);
  if (old !== null) putPageAndType(tx, old);
  return null;
};

export const newUserBaseptr: Body<NewUserBaseptr> = (tx, e) => {
  const c = mmCaller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const old = c.v.guestTableUser;
  if (old === e.frame) return null;
  const failed = e.frame === 0 ? null : getPageAndType(tx, e.frame, e.domid, PGT.l4);
  if (failed !== null) return failed;
  c.v.guestTableUser = e.frame === 0 ? null : mfn(e.frame);
  if (old !== null) putPageAndType(tx, old);
  return null;
};
