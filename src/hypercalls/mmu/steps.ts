/** PV page tables (F8.3 to F8.9). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import { type NewBaseptr, type NewUserBaseptr, newBaseptr, newUserBaseptr } from './baseptr.ts';
import { type PutOldTable, putOldTable } from './old-guest-table.ts';
import { type Pin, type PinContinue, pin, pinContinue, type Unpin, unpinTable } from './pin.ts';
import { type MmuUpdate, type SetGdt, setGdt, update } from './update.ts';

export type MmuEvent =
  | MmuUpdate
  | SetGdt
  | Pin
  | Unpin
  | PinContinue
  | NewBaseptr
  | NewUserBaseptr
  | PutOldTable;

export const mmuSteps: Bodies<MmuEvent> = {
  'mmu.update': update,
  'mmu.set_gdt': setGdt,
  'mmuext.pin': pin,
  'mmuext.unpin': unpinTable,
  'mmuext.pin-continue': pinContinue,
  'mmuext.new_baseptr': newBaseptr,
  'mmuext.new_user_baseptr': newUserBaseptr,
  'mm.put-old-table': putOldTable,
};
