/** A domain and its vCPUs as rows. */
import { type Domain, pagingOpText } from '../../../host/domain.ts';
import type { Vcpu } from '../../../host/vcpu.ts';
import { isParked, isRunnable } from '../../../liveupdate/pause.ts';
import type { World } from '../../../world/world.ts';
import type { Row } from '../recording.ts';
import { hypercallName, ioreqState, pauseFlags, shutdownCode } from './words.ts';

const PASSES = ['none', '0a', '0b', '0c', '1', '2'] as const;

const size = (record: object): number => Object.keys(record).length;

const lifeOf = (d: Domain): string => {
  if (d.dying === 'alive') return 'alive';
  if (d.dying === 'dead') return 'dead: a zombie while others hold its pages';
  return `dying, teardown at ${d.teardown.phase}`;
};

const shutdownOf = (d: Domain): string =>
  d.shutdown.state === 'none'
    ? shutdownCode(d.shutdown.code) === 'no code'
      ? 'no'
      : `no, but the code is ${shutdownCode(d.shutdown.code)}`
    : `${d.shutdown.state === 'complete' ? 'shut down' : 'shutting down'}: ${shutdownCode(d.shutdown.code)}`;

/** What the domain is by itself: the same object gives the same row. */
export const domainRow = (d: Domain): Row => ({
  ...(d.name === null ? {} : { name: d.name }),
  type: d.type.toUpperCase(),
  life: lifeOf(d),
  pause_count: d.pauseCount,
  'paused by tools': d.controllerPauseCount,
  ...(d.pausers.length === 0 ? {} : { 'paused by Xen': d.pausers.join(', ') }),
  shutdown: shutdownOf(d),
  parked: isParked(d),
  refcnt: d.refcnt,
  tot_pages: d.totPages,
  xenheap_pages: d.xenheapPages,
  active_evtchns: d.events.activeChannels,
  xen_evtchns: d.events.xenChannels,
  ...(d.events.nextEvtchn === 0 ? {} : { 'reset at port': d.events.nextEvtchn }),
  'grants in use': size(d.grants.active),
  'maptrack handles': size(d.grants.maptrack),
  ...(d.pagingPreempt === null
    ? {}
    : { paging_domctl: `${pagingOpText(d.pagingPreempt.op)}, ${d.pagingPreempt.done} done` }),
});

/** What the update has done with it so far. */
export const updateOf = (w: World, domid: number): Row => ({
  'in the stream': w.saved.includes(domid),
  ...(w.restoring === null ? {} : { 'restore pass': PASSES[w.passes[domid] ?? 0] ?? '2' }),
  ...(w.resumed.includes(domid) ? { resumed: true } : {}),
});

const timersOf = (v: Vcpu): Row => ({
  ...(v.timers.singleshot === null ? {} : { 'one-shot timer': v.timers.singleshot.timeout }),
  ...(v.timers.periodic === null ? {} : { 'periodic timer': v.timers.periodic.period }),
});

export const vcpuRow = (d: Domain, v: Vcpu): Row => ({
  runnable: isRunnable(d, v),
  ...(v.initialised ? {} : { initialised: false }),
  ...(v.runningOn === null ? {} : { 'on CPU': v.runningOn }),
  ...(v.pauseFlags === 0 ? {} : { pause_flags: pauseFlags(v.pauseFlags) }),
  pause_count: v.pauseCount,
  ...(v.controllerPauseCount === 0 ? {} : { 'paused by tools': v.controllerPauseCount }),
  ...(v.registers.atHypercall
    ? { 'next hypercall': hypercallName(v.registers.rax, v.registers.rdi) }
    : {}),
  'v->io': ioreqState(v.io.state),
  ...(v.io.suspended ? { 'emulation suspended': true } : {}),
  ...(v.deferShutdown ? { defer_shutdown: true } : {}),
  ...(v.pausedForShutdown ? { paused_for_shutdown: true } : {}),
  ...(v.pollPorts.length === 0 ? {} : { 'polls ports': v.pollPorts.join(' ') }),
  ...(v.oldGuestTable === null ? {} : { 'old table to put': v.oldGuestTable.frame }),
  ...(v.onWaitQueue ? { 'on a wait queue': true } : {}),
  ...timersOf(v),
  ...(v.fifo === null
    ? {}
    : { 'queue tails': v.fifo.tails.filter((t) => t !== 0).join(' ') || 'none' }),
});
