/** Reads the dumps of time stamp counters (s) and interrupts (i). */
import type { GuestIrqReading, TscReading } from '../capture/reading.ts';
import type { Dump } from './dumps.ts';
import { linesOf } from './memory-facts.ts';
import type { Notes } from './notes.ts';
import { TSC_FORMS } from './section-forms.ts';
import { at, dec } from './values.ts';

/** Key s. Dom0 in its default mode is not printed. */
export const readTsc = (dump: Dump, notes: Notes): readonly TscReading[] =>
  linesOf(TSC_FORMS, dump, notes).map(([{ values }]) => ({
    domid: dec(values, 0),
    hvm: at(values, 1) !== '',
    mode: dec(values, 2),
    offset: at(values, 3) === '' ? 0n : BigInt(`0x${at(values, 3)}`),
    khz: at(values, 4) === '' ? undefined : dec(values, 4),
    incarnation: at(values, 5) === '' ? undefined : dec(values, 5),
  }));

const IRQ = /^IRQ: ?(\d{1,5}) .*?in-flight=\d+ (?:domain-list=)?(.*)$/;
const BINDING = /d?(\d{1,5}): ?(\d{1,6})\([-P?][-M?][-M]\)/g;

/**
 * Key i, the interrupts that guests have. Damaged lines are passed over:
 * event channels name the same bindings.
 */
export const readGuestIrqs = (dump: Dump): readonly GuestIrqReading[] =>
  dump.lines.flatMap(({ text }) => {
    const irq = IRQ.exec(text);
    if (irq === null) return [];
    return [...(irq[2] ?? '').matchAll(BINDING)].map((binding) => ({
      irq: Number(irq[1]),
      domid: Number(binding[1]),
      pirq: Number(binding[2]),
    }));
  });
