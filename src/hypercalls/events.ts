/** Every event that is a step on a host, by the group that carries it out. */

import { finish, type HypercallFinish } from './deferred/finish-hypercall.ts';
import { type RcuRun, runRcu, runTasklet, type TaskletRun } from './deferred/tasklet.ts';
import { type DestroyDomain, type DomainKill, destroyDomain, kill } from './domctl/kill.ts';
import { type PagingContinue, pagingContinue, type ShadowOp, shadowOp } from './domctl/paging.ts';
import { close, type EvtchnClose } from './event-channel/close.ts';
import {
  type EvtchnReset,
  type EvtchnResetContinue,
  reset,
  resetContinue,
} from './event-channel/reset.ts';
import {
  completeIo,
  type EmulatorRespond,
  type EmulatorTake,
  type IoreqSend,
  respond,
  send as sendIoreq,
  take,
  type VcpuCompleteIo,
} from './ioreq/request.ts';
import { type PutOldTable, putOldTable } from './mmu/old-guest-table.ts';
import type { Bodies } from './step.ts';

export type HostEvent =
  | IoreqSend
  | EmulatorTake
  | EmulatorRespond
  | VcpuCompleteIo
  | TaskletRun
  | RcuRun
  | DestroyDomain
  | DomainKill
  | ShadowOp
  | PagingContinue
  | EvtchnClose
  | EvtchnReset
  | EvtchnResetContinue
  | PutOldTable
  | HypercallFinish;

/** What each event does, by name. */
export const steps: Bodies<HostEvent> = {
  'ioreq.send': sendIoreq,
  'emulator.take': take,
  'emulator.respond': respond,
  'vcpu.complete-io': completeIo,
  'tasklet.run': runTasklet,
  'rcu.run': runRcu,
  'domctl.destroydomain': destroyDomain,
  'domain.kill': kill,
  'domctl.shadow_op': shadowOp,
  'paging.continue': pagingContinue,
  'evtchn.close': close,
  'evtchn.reset': reset,
  'evtchn.reset-continue': resetContinue,
  'mm.put-old-table': putOldTable,
  'hypercall.finish': finish,
};
