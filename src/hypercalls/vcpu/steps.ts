/** vCPUs, their timers, and the scheduler operations (F2.17 to F2.27, F10.12). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import {
  down,
  initialise,
  type RegisterRunstate,
  type RegisterVcpuInfo,
  registerRunstate,
  registerVcpuInfo,
  up,
  type VcpuDown,
  type VcpuInitialise,
  type VcpuUp,
} from './bring-up.ts';
import {
  type Block,
  block,
  type Poll,
  poll,
  type RemoteShutdown,
  remoteShutdown,
  type Shutdown,
  type ShutdownCode,
  shutdown,
  shutdownCode,
  type Yield,
  yieldCpu,
} from './sched.ts';
import {
  type SetPeriodic,
  type SetSingleshot,
  type StopPeriodic,
  type StopSingleshot,
  setPeriodic,
  setSingleshot,
  stopPeriodic,
  stopSingleshot,
  type TimePasses,
  type TimerFires,
  timePasses,
  timerFires,
} from './timers.ts';

export type VcpuEvent =
  | VcpuInitialise
  | VcpuUp
  | VcpuDown
  | RegisterVcpuInfo
  | RegisterRunstate
  | SetSingleshot
  | StopSingleshot
  | SetPeriodic
  | StopPeriodic
  | TimerFires
  | TimePasses
  | Yield
  | Block
  | Poll
  | Shutdown
  | ShutdownCode
  | RemoteShutdown;

export const vcpuSteps: Bodies<VcpuEvent> = {
  'vcpu.initialise': initialise,
  'vcpu.up': up,
  'vcpu.down': down,
  'vcpu.register_vcpu_info': registerVcpuInfo,
  'vcpu.register_runstate': registerRunstate,
  'vcpu.set_singleshot_timer': setSingleshot,
  'vcpu.stop_singleshot_timer': stopSingleshot,
  'vcpu.set_periodic_timer': setPeriodic,
  'vcpu.stop_periodic_timer': stopPeriodic,
  'timer.fires': timerFires,
  'time.passes': timePasses,
  'sched.yield': yieldCpu,
  'sched.block': block,
  'sched.poll': poll,
  'sched.shutdown': shutdown,
  'sched.shutdown_code': shutdownCode,
  'sched.remote_shutdown': remoteShutdown,
};
