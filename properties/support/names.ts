/** Objects of a host in the words that Xen's own dumps use. */
import { DOMID_COW, DOMID_INVALID, DOMID_IO, DOMID_XEN } from '../../src/host/constants.ts';

export const hex = (n: number): string => `0x${n.toString(16)}`;
export const frameName = (frame: number): string => `frame ${hex(frame)}`;
export const domainName = (domid: number): string => `d${domid}`;
export const vcpuName = (domid: number, vcpu: number): string => `d${domid}v${vcpu}`;
export const portName = (domid: number, port: number): string => `d${domid} port ${port}`;
export const grantName = (domid: number, ref: number): string => `d${domid} grant ${hex(ref)}`;
export const handleName = (domid: number, handle: number): string => `d${domid} handle ${handle}`;

const SYSTEM_DOMAINS: Readonly<Record<number, string>> = {
  [DOMID_IO]: 'DOMID_IO',
  [DOMID_XEN]: 'DOMID_XEN',
  [DOMID_COW]: 'DOMID_COW',
  [DOMID_INVALID]: 'nobody',
};

/** The owner of a page in words. */
export const ownerName = (domid: number): string => SYSTEM_DOMAINS[domid] ?? domainName(domid);
