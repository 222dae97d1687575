/** Reads the dumps of time stamp counters (s) and interrupts (i). */
import type { GuestIrqReading, TscReading } from '../capture/reading.ts';
import type { Dump } from './dumps.ts';
import { linesOf } from './memory-facts.ts';
import { type Notes, problemAt, quoted } from './notes.ts';
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

const IRQ = /^IRQ: ?(\d{1,5}) .* in-flight=\d+ (?:domain-list=)?(.+)$/;
const BINDING = /^d?(\d{1,5}): ?(\d{1,6})\([-P?][-M?][-M]\)$/;
/** Interrupts of nobody and of Xen itself. */
const NOT_A_GUESTS =
  /^IRQ: ?\d{1,5} .* (?:mapped, unbound|\S+\(\)|in-flight=\d+(?: domain-list=)?)$/;

/**
 * Key i, the interrupts that guests have. Lines that are neither that nor
 * anybody else's are noted as damaged.
 */
export const readGuestIrqs = (dump: Dump, notes: Notes): readonly GuestIrqReading[] =>
  dump.lines.flatMap((line) => {
    const irq = IRQ.exec(line.text);
    const printed = (irq?.[2] ?? '').split(',').filter((binding) => binding !== '');
    const bindings = printed.map((binding) => BINDING.exec(binding));
    if (irq === null || bindings.includes(null)) {
      if (!NOT_A_GUESTS.test(line.text)) {
        const what = `damaged line ${quoted(line)} of key i`;
        notes.damaged.push(problemAt(line, what, 'event channels show the same bindings'));
      }
      return [];
    }
    return bindings.map((binding) => ({
      irq: Number(irq[1]),
      domid: Number(binding?.[1]),
      pirq: Number(binding?.[2]),
    }));
  });
