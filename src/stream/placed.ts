/** What the order of a stream depends on, taken from a record's body. */
import type { Placed } from './records/order.ts';
import { type BodyOf, definitionOf } from './records/registry.ts';
import type { RecordName } from './records/types.ts';

/** `body` is one that the record's schema has read or is about to write. */
export const placedOf = (name: RecordName, body: unknown): Placed => {
  if (name === 'DOMAIN') return { name, domid: (body as BodyOf<'DOMAIN'>).domid };
  if (definitionOf(name).presence === 'per-vcpu')
    return { name, vcpu: (body as BodyOf<'VCPU_TIMERS'>).vcpu };
  return { name };
};
