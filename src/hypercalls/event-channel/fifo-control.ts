/** Setting up and taking down the FIFO ABI of a domain (F6.6, F6.8). */
import { putPageAndType } from '../pages/puts.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';

/** evtchn_fifo_destroy: control blocks and array pages are the guest's again; back to 2-level. */
export const destroyFifo = (tx: Transaction, d: MutableDomain): void => {
  for (const v of d.vcpus) {
    if (v.fifo === null) continue;
    putPageAndType(tx, v.fifo.control.frame);
    v.fifo = null;
  }
  for (const page of d.events.fifoArray) putPageAndType(tx, page);
  d.events.fifoArray = [];
  d.events.abi = '2l';
};
