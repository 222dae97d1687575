/** What the host says of a vCPU: the sayings of machines/vcpu.ts (F2.17, F3, F9.5). */
import { numericEntries } from '../host/codec.ts';
import { IOREQ, VPF } from '../host/constants.ts';
import { contentOf } from '../host/hardware.ts';
import type { Vcpu } from '../host/vcpu.ts';
import { hostOf } from '../liveupdate/update.ts';
import type { Saying } from './chart.ts';
import { domainAt, isBeingMade, type VcpuPlace as Place, vcpuAt } from './look.ts';
import type { World } from './world.ts';

type Says = Saying<Place>;

const ofVcpu =
  (holds: (v: Vcpu, world: World, of: Place) => boolean): Says =>
  (world, of) => {
    const v = vcpuAt(world, of);
    return v !== undefined && !isBeingMade(world, of.domid) && holds(v, world, of);
  };

/** Its requests with all servers that are not NONE, by their states (F9.1). */
const requests = (world: World, of: Place): number[] => {
  const { hardware } = hostOf(world);
  return numericEntries(domainAt(world, of)?.ioreqServers ?? {}).flatMap(([, s]) => {
    const slots = s.ioreqPage === null ? null : contentOf(hardware, s.ioreqPage, 'ioreq')?.slots;
    const state = slots?.[of.vcpu]?.state ?? IOREQ.NONE;
    return state === IOREQ.NONE ? [] : [state];
  });
};

const hasTasklet = (world: World, { domid, vcpu }: Place): boolean =>
  hostOf(world).xen.system.tasklets.some(
    (k) =>
      (k.work === 'continue_hypercall' || k.work === 'live_update') &&
      k.vcpu?.domid === domid &&
      k.vcpu.vcpu === vcpu,
  );

/** v->pause_flags while a monitor or a pager has it (F3.18). */
const VPF_MEM = VPF.mem_paging | VPF.mem_access | VPF.mem_sharing;

/** What it is in the middle of; the first that applies. */
const activityOf = (v: Vcpu, world: World, of: Place): string => {
  if (v.onWaitQueue || (v.pauseFlags & VPF_MEM) !== 0) return 'waitQueue';
  if (hasTasklet(world, of)) return 'tasklet';
  if (v.io.suspended) return 'suspended';
  const states = requests(world, of);
  if (states.includes(IOREQ.READY)) return 'ready';
  if (states.includes(IOREQ.INPROCESS)) return 'inProcess';
  if (states.length > 0 || v.io.completion !== 'none' || v.deferShutdown) return 'completing';
  if (v.registers.atHypercall) return 'hypercall';
  if ((v.pauseFlags & VPF.blocked) === 0) return 'guest';
  return v.pollPorts.length > 0 ? 'polling' : 'blocked';
};
const doing = (activity: string): Says =>
  ofVcpu((v, world, of) => activityOf(v, world, of) === activity);

const isUp = (v: Vcpu): boolean => v.initialised && (v.pauseFlags & VPF.down) === 0;
const isParked = (world: World, of: Place): boolean =>
  domainAt(world, of)?.pausers.includes('lu') === true;

export const vcpuSays = {
  absent: (w, of) => vcpuAt(w, of) === undefined,
  present: ofVcpu(() => true),
  online: ofVcpu(isUp),
  offline: ofVcpu((v) => !isUp(v)),
  guest: doing('guest'),
  hypercall: doing('hypercall'),
  tasklet: doing('tasklet'),
  blocked: doing('blocked'),
  polling: doing('polling'),
  ready: doing('ready'),
  inProcess: doing('inProcess'),
  completing: doing('completing'),
  suspended: doing('suspended'),
  waitQueue: doing('waitQueue'),
  unpaused: ofVcpu((v) => v.pauseCount === 0),
  paused: ofVcpu((v) => v.pauseCount > 0),
  loose: ofVcpu((_v, w, of) => !isParked(w, of)),
  parked: ofVcpu((_v, w, of) => isParked(w, of)),
  inStream: (w, of) => vcpuAt(w, of) === undefined && isBeingMade(w, of.domid),
  made: (w, of) => vcpuAt(w, of) !== undefined && isBeingMade(w, of.domid),
} satisfies Readonly<Record<string, Says>>;
