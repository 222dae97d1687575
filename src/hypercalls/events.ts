/** Every event that is a step on a host, and what each does. */
import { type DeferredEvent, deferredSteps } from './deferred/steps.ts';
import { type DomctlEvent, domctlSteps } from './domctl/steps.ts';
import { type EventChannelEvent, eventChannelSteps } from './event-channel/steps.ts';
import { type GrantEvent, grantSteps } from './grant/steps.ts';
import { type IoreqEvent, ioreqSteps } from './ioreq/steps.ts';
import { type MemoryEvent, memorySteps } from './memory/steps.ts';
import { type MmuEvent, mmuSteps } from './mmu/steps.ts';
import type { Bodies } from './step.ts';
import { type VcpuEvent, vcpuSteps } from './vcpu/steps.ts';

export type HostEvent =
  | EventChannelEvent
  | GrantEvent
  | MemoryEvent
  | MmuEvent
  | VcpuEvent
  | DomctlEvent
  | IoreqEvent
  | DeferredEvent;

/** The registry: one body for each name, which the compiler checks. */
export const steps: Bodies<HostEvent> = {
  ...eventChannelSteps,
  ...grantSteps,
  ...memorySteps,
  ...mmuSteps,
  ...vcpuSteps,
  ...domctlSteps,
  ...ioreqSteps,
  ...deferredSteps,
};
