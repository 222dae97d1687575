/** IOREQ servers and their requests (F9). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import {
  completeIo,
  type EmulatorRespond,
  type EmulatorTake,
  type IoreqSend,
  respond,
  send,
  take,
  type VcpuCompleteIo,
} from './request.ts';
import {
  type CreateServer,
  create,
  type DestroyServer,
  destroy,
  type MapIoRange,
  mapRange,
  type SetServerState,
  setState,
} from './server.ts';

export type IoreqEvent =
  | CreateServer
  | SetServerState
  | MapIoRange
  | DestroyServer
  | IoreqSend
  | EmulatorTake
  | EmulatorRespond
  | VcpuCompleteIo;

export const ioreqSteps: Bodies<IoreqEvent> = {
  'ioreq.create': create,
  'ioreq.set_state': setState,
  'ioreq.map_range': mapRange,
  'ioreq.destroy': destroy,
  'ioreq.send': send,
  'emulator.take': take,
  'emulator.respond': respond,
  'vcpu.complete-io': completeIo,
};
