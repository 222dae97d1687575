/**
 * All records by name, and the types that follow from them: the body of each,
 * the union of all, and what a whole stream offers by name.
 */
import { isOptionalType } from '../framing/record.ts';
import type { TypeOf } from '../schema/schema.ts';
import type { Presence, RecordDefinition, Scope } from './definition.ts';
import { DOMAIN } from './domain/domain.ts';
import { DOMAIN_STATE } from './domain/domain-state.ts';
import { EVTCHN_ABI } from './domain/evtchn-abi.ts';
import { EVTCHN_FIFO } from './domain/evtchn-fifo.ts';
import { EVTCHN_PORTS } from './domain/evtchn-ports.ts';
import { EVTCHN_PRIORITIES } from './domain/evtchn-priorities.ts';
import { EVTCHN_QUEUES } from './domain/evtchn-queues.ts';
import { EVTCHN_RESET } from './domain/evtchn-reset.ts';
import { GRANT_TABLE } from './domain/grant-table.ts';
import { HVM_PARAMS } from './domain/hvm-params.ts';
import { IOREQ_SERVERS } from './domain/ioreq-servers.ts';
import { MAPTRACK } from './domain/maptrack.ts';
import { P2M } from './domain/p2m.ts';
import { PAGE_COUNTS } from './domain/page-counts.ts';
import { PAGES } from './domain/pages.ts';
import { PAGING_PREEMPT } from './domain/paging-preempt.ts';
import { PARTIAL_TABLES } from './domain/partial-tables.ts';
import { PERMISSIONS } from './domain/permissions.ts';
import { PIRQS } from './domain/pirqs.ts';
import { TEARDOWN } from './domain/teardown.ts';
import { X86_TSC_INFO } from './domain/tsc-info.ts';
import { VCPU } from './domain/vcpu.ts';
import { VCPU_RUNSTATE } from './domain/vcpu-runstate.ts';
import { VCPU_TIMERS } from './domain/vcpu-timers.ts';
import { XENHEAP } from './domain/xenheap.ts';
import { DOMXEN_SHARES } from './global/domxen-shares.ts';
import { IOMMU } from './global/iommu.ts';
import { KEXEC_CRASH } from './global/kexec-crash.ts';
import { LU_VERSION } from './global/lu-version.ts';
import { M2P } from './global/m2p.ts';
import { REGIONS } from './global/regions.ts';
import { SYSTEM_TIME } from './global/system-time.ts';
import { TRACE_BUFFERS } from './global/trace-buffers.ts';
import { VIRQ_HANDLERS } from './global/virq-handlers.ts';
import { END, END_OF_DOMAIN } from './marks.ts';
import { RECORD_TYPE, type RecordName } from './types.ts';

const RECORDS = {
  END,
  X86_TSC_INFO,
  HVM_PARAMS,
  LU_VERSION,
  REGIONS,
  M2P,
  IOMMU,
  SYSTEM_TIME,
  VIRQ_HANDLERS,
  DOMXEN_SHARES,
  TRACE_BUFFERS,
  KEXEC_CRASH,
  DOMAIN,
  P2M,
  PAGES,
  XENHEAP,
  PAGE_COUNTS,
  PERMISSIONS,
  PIRQS,
  IOREQ_SERVERS,
  PAGING_PREEMPT,
  TEARDOWN,
  PARTIAL_TABLES,
  DOMAIN_STATE,
  END_OF_DOMAIN,
  EVTCHN_ABI,
  EVTCHN_FIFO,
  EVTCHN_PORTS,
  EVTCHN_PRIORITIES,
  EVTCHN_QUEUES,
  EVTCHN_RESET,
  GRANT_TABLE,
  MAPTRACK,
  VCPU,
  VCPU_TIMERS,
  VCPU_RUNSTATE,
} as const satisfies { readonly [N in RecordName]: RecordDefinition<N> };

type Records = typeof RECORDS;

/** The decoded body of a record. */
export type BodyOf<N extends RecordName> = TypeOf<Records[N]['schema']>;

/** A record as a value: its name and its body. In a list, position says whose it is. */
export type LuRecord = {
  readonly [N in RecordName]: { readonly name: N; readonly body: BodyOf<N> };
}[RecordName];

type Named<S extends Scope, P extends Presence> = {
  [N in RecordName]: Records[N] extends { readonly scope: S; readonly presence: P } ? N : never;
}[RecordName];

type Sections<S extends Scope> = { readonly [N in Named<S, 'always'>]: BodyOf<N> } & {
  readonly [N in Named<S, 'optional'>]?: BodyOf<N>;
} & { readonly [N in Named<S, 'per-vcpu'>]: readonly BodyOf<N>[] };

/** The system-wide records by name. */
export type GlobalSections = Sections<'global'>;
/** The records of one domain by name; `VCPU[i]` is vCPU i, the other vCPU lists are ascending. */
export type DomainSections = Sections<'domain'>;

export const RECORD_NAMES: readonly RecordName[] = Object.keys(RECORDS) as RecordName[];

const BY_TYPE: ReadonlyMap<number, RecordName> = new Map(
  RECORD_NAMES.map((name) => [RECORD_TYPE[name], name]),
);

/** The name of a record type, or null when this reader does not know it. */
export const recordNameOf = (type: number): RecordName | null => BY_TYPE.get(type) ?? null;

/** The definition by name, with the body left open. */
export const definitionOf = (name: RecordName): RecordDefinition => RECORDS[name];

/** May a reader that does not know the record pass over it (F10.3)? */
export const isOptionalRecord = (name: RecordName): boolean => isOptionalType(RECORD_TYPE[name]);

/** A record of a known name; the compiler checks that the body is its own. */
export const record = <N extends RecordName>(name: N, body: BodyOf<N>): LuRecord =>
  ({ name, body }) as LuRecord;
