/** A vCPU at rest: initialised, runnable, nothing registered, nothing in flight. */

import { vcpuId } from '../ids.ts';
import type { Vcpu } from '../vcpu.ts';
import { idleRegisters } from '../vcpu.ts';
import type { Draft } from './draft.ts';

/** RUNSTATE_runnable, public/vcpu.h. */
const RUNSTATE_RUNNABLE = 1;

/** `since`: system time in ns at which it became runnable; it ran until then. */
export const newVcpu = (id: number, since: number): Draft<Vcpu> => ({
  id: vcpuId(id),
  initialised: true,
  runningOn: null,
  pauseFlags: 0,
  pauseCount: 0,
  controllerPauseCount: 0,
  pollPorts: [],
  pausedForShutdown: false,
  deferShutdown: false,
  registers: { ...idleRegisters, rip: 0xffff_8100_0000 + id },
  guestTable: null,
  guestTableUser: null,
  gdtFrames: [],
  oldGuestTable: null,
  timers: { singleshot: null, periodic: null },
  runstate: { state: RUNSTATE_RUNNABLE, entryTime: since, time: [since, 0, 0, 0] },
  vcpuInfo: null,
  runstateArea: null,
  virqToPort: {},
  fifo: null,
  io: { state: 0, completion: 'none', suspended: false },
  onWaitQueue: false,
  injectVector: null,
});
