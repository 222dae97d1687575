/** A record as a named event. */
import { CREDIT2_LAYOUTS } from './events/credit2.ts';
import { DOMAIN_LAYOUTS, MEMORY_LAYOUTS } from './events/domains.ts';
import { GENERAL_LAYOUTS } from './events/general.ts';
import { HARDWARE_LAYOUTS } from './events/hardware.ts';
import { HVM_LAYOUTS } from './events/hvm.ts';
import { HVM_DEVICE_LAYOUTS } from './events/hvm-devices.ts';
import {
  type HypercallEvent,
  PV_HYPERCALL,
  PV_HYPERCALL_SUBCALL,
  readHypercall,
} from './events/hypercall.ts';
import type { EventLayout } from './events/layout.ts';
import { PV_LAYOUTS } from './events/pv.ts';
import { RUNSTATE_LAYOUTS } from './events/runstate.ts';
import { SCHED_LAYOUTS } from './events/sched.ts';
import { CREDIT_LAYOUTS, NULL_LAYOUTS, RTDS_LAYOUTS } from './events/schedulers.ts';
import { type TraceRecord, wordsOf } from './record.ts';

const LAYOUTS = [
  ...GENERAL_LAYOUTS,
  ...RUNSTATE_LAYOUTS,
  ...SCHED_LAYOUTS,
  ...CREDIT_LAYOUTS,
  ...CREDIT2_LAYOUTS,
  ...RTDS_LAYOUTS,
  ...NULL_LAYOUTS,
  ...DOMAIN_LAYOUTS,
  ...MEMORY_LAYOUTS,
  ...PV_LAYOUTS,
  ...HVM_LAYOUTS,
  ...HVM_DEVICE_LAYOUTS,
  ...HARDWARE_LAYOUTS,
];

/**
 * A record that has no layout, or whose length does not fit its layout:
 * another version of Xen, a guest's own event (TRC_GUEST), shadow paging.
 */
interface UnknownEvent {
  readonly type: 'unknown';
  readonly event: number;
  /** Whether the code is known and only the words do not fit. */
  readonly misfit: boolean;
  readonly words: readonly number[];
}

type EventOf<L> = L extends EventLayout<infer T> ? T : never;

/** Every event that this reader has a name for, and the unknown ones. */
export type TraceEvent = EventOf<(typeof LAYOUTS)[number]> | HypercallEvent | UnknownEvent;

const BY_CODE: ReadonlyMap<number, (typeof LAYOUTS)[number]> = new Map(
  LAYOUTS.map((layout) => [layout.code, layout]),
);

/** Codes that have a name, in no particular order. */
export const KNOWN_CODES: readonly number[] = [
  ...BY_CODE.keys(),
  PV_HYPERCALL,
  PV_HYPERCALL_SUBCALL,
];

const unknown = (record: TraceRecord, misfit: boolean): UnknownEvent => ({
  type: 'unknown',
  event: record.event,
  misfit,
  words: wordsOf(record),
});

/**
 * The event of the record under the cursor, as a value of its own. Total:
 * what cannot be named is `unknown` with its words. Words beyond those of
 * the layout are not looked at (Xen leaves stack contents in padding).
 */
export const decodeRecord = (record: TraceRecord): TraceEvent => {
  const { event } = record;
  if (event === PV_HYPERCALL || event === PV_HYPERCALL_SUBCALL) {
    return readHypercall(record) ?? unknown(record, true);
  }
  const layout = BY_CODE.get(event);
  if (layout === undefined) return unknown(record, false);
  return record.words < layout.words ? unknown(record, true) : layout.read(record);
};
