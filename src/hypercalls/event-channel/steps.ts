/** Event channels (F6). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import {
  type AllocUnbound,
  allocUnbound,
  type BindInterdomain,
  type BindIpi,
  type BindPirq,
  type BindVcpu,
  type BindVirq,
  bindInterdomain,
  bindIpi,
  bindPirq,
  bindVcpu,
  bindVirq,
} from './bind.ts';
import { close, type EvtchnClose } from './close.ts';
import { type ExpandArray, expandArray, type InitControl, initControl } from './fifo-control.ts';
import { type EvtchnReset, type EvtchnResetContinue, reset, resetContinue } from './reset.ts';
import {
  type EvtchnSend,
  type EvtchnSetPriority,
  type EvtchnUnmask,
  type GuestMask,
  type GuestUpcall,
  guestMask,
  guestUpcall,
  send,
  setPriority,
  unmaskPort,
} from './send.ts';

export type EventChannelEvent =
  | AllocUnbound
  | BindInterdomain
  | BindVirq
  | BindPirq
  | BindIpi
  | BindVcpu
  | EvtchnClose
  | EvtchnSend
  | EvtchnUnmask
  | EvtchnSetPriority
  | GuestMask
  | GuestUpcall
  | EvtchnReset
  | EvtchnResetContinue
  | InitControl
  | ExpandArray;

export const eventChannelSteps: Bodies<EventChannelEvent> = {
  'evtchn.alloc_unbound': allocUnbound,
  'evtchn.bind_interdomain': bindInterdomain,
  'evtchn.bind_virq': bindVirq,
  'evtchn.bind_pirq': bindPirq,
  'evtchn.bind_ipi': bindIpi,
  'evtchn.bind_vcpu': bindVcpu,
  'evtchn.close': close,
  'evtchn.send': send,
  'evtchn.unmask': unmaskPort,
  'evtchn.set_priority': setPriority,
  'guest.mask': guestMask,
  'guest.upcall': guestUpcall,
  'evtchn.reset': reset,
  'evtchn.reset-continue': resetContinue,
  'evtchn.init_control': initControl,
  'evtchn.expand_array': expandArray,
};
