/** A domain as Xen keeps it (F2, F5, F8.18 to F8.23). */
import * as t from 'io-ts';
import { byNumber, Natural, nullable } from './codec.ts';
import { EventChannels } from './event-channel.ts';
import { GrantTable } from './grant-table.ts';
import { Domid, Mfn } from './ids.ts';
import { IoreqServer } from './ioreq.ts';
import { Vcpu } from './vcpu.ts';

export const DomainType = t.keyof({ pv: null, pvh: null, hvm: null });
export type DomainType = t.TypeOf<typeof DomainType>;

/** Who inside Xen holds a pause of the domain (I2.1), one entry for each unit of pause_count. */
export const Pauser = t.keyof({ dying: null, lu: null, resume: null, vm_event: null });
export type Pauser = t.TypeOf<typeof Pauser>;

/** What domain_create() is told (F2.1, F2.3); everything here a Xen may refuse. */
export const DomainConfig = t.readonly(
  t.type({
    maxVcpus: Natural,
    /** 64 or 32: width of a PV guest; 64 for the others. */
    width: t.union([t.literal(64), t.literal(32)]),
    maxGrantVersion: Natural,
    iommu: t.boolean,
    hap: t.boolean,
    vmAssist: Natural,
    handle: t.string,
  }),
  'DomainConfig',
);
export type DomainConfig = t.TypeOf<typeof DomainConfig>;

export const ShutdownState = t.readonly(
  t.type({
    state: t.keyof({ none: null, in_progress: null, complete: null }),
    /** SHUTDOWN_* or SHUTDOWN_CODE_INVALID (F2.21, F2.27). */
    code: Natural,
  }),
  'ShutdownState',
);
export type ShutdownState = t.TypeOf<typeof ShutdownState>;

/**
 * How far domain_kill got. The names are M's phases; numbers are
 * version-specific (F2.9, F2.10) and made by `design/versions`.
 */
export const Teardown = t.readonly(
  t.intersection([
    t.type({
      phase: t.keyof({
        none: null,
        gnttab_mappings: null,
        vcpu_teardown: null,
        arch_teardown: null,
        evtchn: null,
        pci: null,
        iommu_pagetables: null,
        shared: null,
        mappings: null,
        paging: null,
        vcpu_pagetables: null,
        xen: null,
        l4: null,
        l3: null,
        l2: null,
        rest: null,
        done: null,
      }),
    }),
    t.partial({
      /** Its move to cpupool0, the last step, fails again and again: the one endless case (F4.4). */
      noMove: t.literal(true),
    }),
  ]),
  'Teardown',
);
export type Teardown = t.TypeOf<typeof Teardown>;

/** P2M of a translated domain; the entries are memory (`content.ts`). */
export const P2m = t.readonly(
  t.type({
    root: Mfn,
    /** Frames of the paging pool that hold P2M tables, the root included (F8.22). */
    tableFrames: t.readonlyArray(Mfn),
    /** The IOMMU walks the same tables (F8.19). */
    sharedWithIommu: t.boolean,
    /** Foreign entries, as Xen counts them since 4.19 (F8.20). */
    nrForeign: Natural,
    logDirty: t.boolean,
    /** Server that p2m_ioreq_server entries go to, and their number; null: none (F8.20). */
    ioreqServer: nullable(t.readonly(t.type({ id: Natural, entries: Natural }))),
  }),
  'P2m',
);
export type P2m = t.TypeOf<typeof P2m>;

/** d->arch.paging.preempt: an operation on log-dirty or on the size of the pool, interrupted (F3.11). */
export const PagingPreempt = t.readonly(
  t.type({
    caller: Domid,
    op: t.keyof({ peek: null, clean: null, off: null, set_allocation: null }),
    done: Natural,
  }),
  'PagingPreempt',
);
export type PagingPreempt = t.TypeOf<typeof PagingPreempt>;

/** "log-dirty clean", "set_allocation". */
export const pagingOpText = (op: PagingPreempt['op']): string =>
  op === 'set_allocation' ? op : `log-dirty ${op}`;

/** TSC handling, as `s` prints it and X86_TSC_INFO carries it (F10.6). */
export const TscInfo = t.readonly(
  t.type({ mode: Natural, khz: Natural, offset: t.Integer, incarnation: Natural }),
  'TscInfo',
);
export type TscInfo = t.TypeOf<typeof TscInfo>;

/** Ranges that the domain may reach, as Xen prints them: inclusive pairs. */
export const Rangeset = t.readonlyArray(t.readonly(t.tuple([Natural, Natural])));
export type Rangeset = t.TypeOf<typeof Rangeset>;

export const Domain = t.readonly(
  t.type({
    domid: Domid,
    type: DomainType,
    name: nullable(t.string),
    config: DomainConfig,
    /** The hardware domain: usually dom0 (F2.23). */
    isHardware: t.boolean,
    isPrivileged: t.boolean,
    /** The domain whose devices this one may emulate (XEN_DOMCTL_set_target), null: none. */
    target: nullable(Domid),
    refcnt: Natural,
    dying: t.keyof({ alive: null, dying: null, dead: null }),
    teardown: Teardown,
    pauseCount: Natural,
    controllerPauseCount: Natural,
    pausers: t.readonlyArray(Pauser),
    /** The first unpause happened (F2.2). */
    creationFinished: t.boolean,
    shutdown: ShutdownState,
    maxPages: Natural,
    /** d->tot_pages and d->xenheap_pages as stored; both derivable from the frame table. */
    totPages: Natural,
    xenheapPages: Natural,
    sharedInfo: nullable(Mfn),
    vcpus: t.readonlyArray(Vcpu),
    events: EventChannels,
    grants: GrantTable,
    p2m: nullable(P2m),
    ioreqServers: byNumber(IoreqServer),
    hvmParams: byNumber(Natural),
    pagingPreempt: nullable(PagingPreempt),
    /** Guest PIRQ to host IRQ. */
    pirqs: byNumber(Natural),
    irqs: Rangeset,
    iomem: Rangeset,
    ioports: Rangeset,
    tsc: TscInfo,
    weight: Natural,
    /** Features in use that no design carries (F13.7): named, so that they refuse. */
    unsupported: t.readonlyArray(t.string),
  }),
  'Domain',
);
export type Domain = t.TypeOf<typeof Domain>;

/** Is all of it torn down, and the move to cpupool0 all that keeps domain_kill from its end (F4.4)? */
export const lacksOnlyMove = (d: Pick<Domain, 'dying' | 'teardown'>): boolean =>
  d.dying === 'dying' && d.teardown.phase === 'done' && d.teardown.noMove === true;
