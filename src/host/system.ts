/** What Xen keeps besides domains: deferred work, kexec images, system-wide registrations. */
import * as t from 'io-ts';
import { byNumber, Natural, nullable } from './codec.ts';
import { Domid, Mfn } from './ids.ts';
import { FrameRange } from './ranges.ts';

/** A build of Xen: what a Live Update image can say of itself before it runs. */
export const XenBuild = t.readonly(
  t.type({
    /** '4.17': the key of a version description. */
    version: t.string,
    /** Frames of its image in memory; a multiple of 512 is occupied (R41). */
    imageFrames: Natural,
    /** gnttab= limits of its command line (F2.3). */
    gnttabMaxVersion: Natural,
    gnttabMaxFrames: Natural,
    gnttabMaxMaptrackFrames: Natural,
  }),
  'XenBuild',
);
export type XenBuild = t.TypeOf<typeof XenBuild>;

/** A loaded kexec image (F1.8, F1.11). */
export const KexecImage = t.readonly(
  t.type({
    type: t.keyof({ default: null, crash: null, live_update: null }),
    build: nullable(XenBuild),
    commandLine: t.string,
  }),
  'KexecImage',
);
export type KexecImage = t.TypeOf<typeof KexecImage>;

/** A tasklet (F3.15). `work` says what it does, `vcpu` whose hypercall waits for it (F3.12). */
export const Tasklet = t.readonly(
  t.type({
    id: Natural,
    work: t.keyof({
      continue_hypercall: null,
      assert_evtchn_irq: null,
      init_sipi: null,
      iommu_free_pagetables: null,
      notify: null,
      live_update: null,
    }),
    vcpu: nullable(t.readonly(t.type({ domid: Domid, vcpu: Natural }))),
    /** CPU that it is queued on, null: not scheduled. */
    scheduledOn: nullable(Natural),
    running: t.boolean,
    softirq: t.boolean,
    /** What it writes to the saved rax when it is done (F3.12). */
    result: t.Integer,
  }),
  'Tasklet',
);
export type Tasklet = t.TypeOf<typeof Tasklet>;

/** An RCU callback not yet run (F3.17). */
export const RcuCallback = t.readonly(
  t.union([
    t.readonly(t.type({ kind: t.literal('complete_domain_destroy'), domid: Domid })),
    t.readonly(t.type({ kind: t.literal('other'), what: t.string })),
  ]),
  'RcuCallback',
);
export type RcuCallback = t.TypeOf<typeof RcuCallback>;

export const System = t.readonly(
  t.type({
    /** Registered handler of a global VIRQ (F6.14); absent: the hardware domain. */
    virqHandlers: byNumber(Domid),
    /** Frames owned by DOMID_XEN that privileged domains may map, besides the M2P (F2.5). */
    domXenShares: t.readonlyArray(t.readonly(t.type({ frames: FrameRange, what: t.string }))),
    traceBuffers: t.readonlyArray(Mfn),
    /** The image slots: Live Update shares the default one in the code of 2020 (F1.11). */
    kexec: t.readonly(t.type({ default: nullable(KexecImage), crash: nullable(KexecImage) })),
    tasklets: t.readonlyArray(Tasklet),
    rcu: t.readonlyArray(RcuCallback),
    /** Domains whose refcnt reached 0 and that RCU will free (F2.15). */
    destroying: t.readonlyArray(Domid),
    /** Frames of the IOMMU's own tables: they must stay and stay valid (R33). */
    iommuFrames: t.readonlyArray(Mfn),
    /** Features in use that no design carries (F13.7). */
    unsupported: t.readonlyArray(t.string),
  }),
  'System',
);
export type System = t.TypeOf<typeof System>;
