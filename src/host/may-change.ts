/**
 * What an update may change without anybody being able to mind: the one list,
 * with the reason for each. A path names fields from the host down; `*` is
 * any key. Everything that is not listed must come out as it went in.
 */
export interface MayChange {
  readonly path: string;
  readonly reason: string;
}

export const ACROSS_UPDATE: readonly MayChange[] = [
  { path: 'hardware.xenWrites', reason: "where each Xen keeps its own data is that Xen's matter" },
  { path: 'hardware.platformTime', reason: 'time passes' },
  { path: 'hardware.content.*.xenSlots', reason: 'slots 256..271 of an L4 belong to Xen (F8.16)' },
  { path: 'xen.instance', reason: 'it is another instance' },
  { path: 'xen.build', reason: 'it is another build' },
  { path: 'xen.commandLine', reason: 'kexec composes one for xen#2 (F1.6)' },
  { path: 'xen.now', reason: 'time passes; its rate and epoch are F10.12' },
  { path: 'xen.timeOffset', reason: 'it makes up for the new start of NOW() (F10.12)' },
  { path: 'xen.image', reason: 'xen#2 may be larger or smaller (R28)' },
  { path: 'xen.bootmem', reason: 'it shrinks or grows with the image (R28)' },
  { path: 'xen.private', reason: 'frametable and heap are built anew (R25)' },
  { path: 'xen.system.tasklets', reason: 'deferred work is drained before the save (R45)' },
  { path: 'xen.system.rcu', reason: 'callbacks are flushed before the save (F3.17)' },
  { path: 'xen.system.destroying', reason: 'they end with the callbacks (F2.15)' },
  {
    path: 'xen.system.kexec.default',
    reason: 'the image in that slot is the one that runs (F1.11)',
  },
  { path: 'xen.domains.*.vcpus.*.runningOn', reason: 'scheduling' },
  { path: 'xen.domains.*.events.validPorts', reason: 'buckets of ports come as they are needed' },
  {
    path: 'xen.domains.*.grants.maptrackFree',
    reason: 'nobody was promised which handle comes next (I7.4 has the rest)',
  },
  { path: 'xen.domains.*.p2m.nrForeign', reason: 'kept since 4.19 only (F8.20)' },
];
