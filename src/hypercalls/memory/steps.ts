/** Reservations, the P2M, and what guests write (F8.10, F8.18 to F8.20). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import { extents, type MemoryExtents } from './extents.ts';
import { type GuestWrite, type GuestWriteTable, write, writeTable } from './guest-write.ts';
import {
  type AddToPhysmap,
  addToPhysmap,
  type RemoveFromPhysmap,
  removeFromPhysmap,
} from './physmap.ts';
import {
  type DecreaseReservation,
  decreaseReservation,
  type Exchange,
  exchange,
  type IncreaseReservation,
  increaseReservation,
  type PopulatePhysmap,
  populatePhysmap,
} from './reservation.ts';

export type MemoryEvent =
  | IncreaseReservation
  | PopulatePhysmap
  | DecreaseReservation
  | Exchange
  | MemoryExtents
  | AddToPhysmap
  | RemoveFromPhysmap
  | GuestWrite
  | GuestWriteTable;

export const memorySteps: Bodies<MemoryEvent> = {
  'memory.increase_reservation': increaseReservation,
  'memory.populate_physmap': populatePhysmap,
  'memory.decrease_reservation': decreaseReservation,
  'memory.exchange': exchange,
  'memory.extents': extents,
  'memory.add_to_physmap': addToPhysmap,
  'memory.remove_from_physmap': removeFromPhysmap,
  'guest.write': write,
  'guest.write-table': writeTable,
};
