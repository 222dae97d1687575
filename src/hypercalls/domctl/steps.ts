/** What the tool stack asks for: domctls and a sysctl (F2, F3.11 to F3.14, F4). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import { contended, type DomctlContended, reissued } from './contended.ts';
import {
  type CreateDomain,
  create,
  type MaxMem,
  type MaxVcpus,
  maxMem,
  maxVcpus,
  type SetVcpuContext,
  setVcpuContext,
} from './create.ts';
import { type DestroyDomain, type DomainKill, destroyDomain, kill } from './kill.ts';
import { type PagingContinue, pagingContinue, type ShadowOp, shadowOp } from './paging.ts';
import {
  type PauseDomain,
  pause,
  type ResumeDomain,
  resume,
  type UnpauseDomain,
  unpause,
} from './pause.ts';
import { type SetTarget, type SetVirqHandler, setTarget, setVirqHandler } from './relations.ts';
import {
  type SoftReset,
  type SoftResetContinue,
  softResetContinue,
  softResetDomain,
} from './soft-reset.ts';
import { type CpuHotplug, cpuHotplug } from './sysctl.ts';

export type DomctlEvent =
  | CreateDomain
  | MaxVcpus
  | MaxMem
  | SetVcpuContext
  | DomctlContended
  | PauseDomain
  | UnpauseDomain
  | ResumeDomain
  | SoftReset
  | SoftResetContinue
  | DestroyDomain
  | DomainKill
  | ShadowOp
  | PagingContinue
  | SetVirqHandler
  | SetTarget
  | CpuHotplug;

export const domctlSteps: Bodies<DomctlEvent> = {
  'domctl.createdomain': create,
  'domctl.max_vcpus': maxVcpus,
  'domctl.max_mem': maxMem,
  'domctl.setvcpucontext': setVcpuContext,
  'domctl.contended': contended,
  'domctl.pausedomain': reissued(pause),
  'domctl.unpausedomain': reissued(unpause),
  'domctl.resumedomain': reissued(resume),
  'domctl.soft_reset': softResetDomain,
  'domctl.soft_reset-continue': softResetContinue,
  'domctl.destroydomain': reissued(destroyDomain),
  'domain.kill': kill,
  'domctl.shadow_op': shadowOp,
  'paging.continue': pagingContinue,
  'domctl.set_virq_handler': setVirqHandler,
  'domctl.set_target': setTarget,
  'sysctl.cpu_hotplug': cpuHotplug,
};
