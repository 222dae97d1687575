/**
 * Numbers of the records of a Live Update stream. Once given a number is
 * never given again: a record that must change gets a new one (F10.3).
 * Records that libxc has with the same meaning keep libxc's number; all
 * others have the Live Update bit set (F1.13).
 */
import { REC_TYPE_END, REC_TYPE_LIVE_UPDATE, REC_TYPE_OPTIONAL } from '../framing/record.ts';

/** Version in the image header (F10.1). */
export const IMAGE_VERSION = 3;

const lu = (n: number): number => REC_TYPE_LIVE_UPDATE + n;
/** One that a reader may pass over: nothing of a domain's depends on it. */
const luOptional = (n: number): number => REC_TYPE_OPTIONAL + REC_TYPE_LIVE_UPDATE + n;

export const RECORD_TYPE = {
  END: REC_TYPE_END,
  X86_TSC_INFO: 0x8,
  HVM_PARAMS: 0xa,

  LU_VERSION: lu(0x00),
  REGIONS: lu(0x01),
  M2P: lu(0x02),
  IOMMU: lu(0x03),
  SYSTEM_TIME: lu(0x04),
  VIRQ_HANDLERS: lu(0x05),
  DOMXEN_SHARES: lu(0x06),
  TRACE_BUFFERS: lu(0x07),
  KEXEC_CRASH: luOptional(0x08),

  DOMAIN: lu(0x10),
  P2M: lu(0x11),
  PAGES: lu(0x12),
  XENHEAP: lu(0x13),
  PAGE_COUNTS: lu(0x14),
  PERMISSIONS: lu(0x15),
  PIRQS: lu(0x16),
  IOREQ_SERVERS: lu(0x17),
  PAGING_PREEMPT: lu(0x18),
  TEARDOWN: lu(0x19),
  PARTIAL_TABLES: lu(0x1a),
  DOMAIN_STATE: lu(0x1e),
  END_OF_DOMAIN: lu(0x1f),

  EVTCHN_ABI: lu(0x20),
  EVTCHN_FIFO: lu(0x21),
  EVTCHN_PORTS: lu(0x22),
  EVTCHN_PRIORITIES: lu(0x23),
  EVTCHN_QUEUES: lu(0x24),
  EVTCHN_RESET: lu(0x25),

  GRANT_TABLE: lu(0x30),
  MAPTRACK: lu(0x31),

  VCPU: lu(0x40),
  VCPU_TIMERS: lu(0x41),
  VCPU_RUNSTATE: lu(0x42),
} as const;

export type RecordName = keyof typeof RECORD_TYPE;
