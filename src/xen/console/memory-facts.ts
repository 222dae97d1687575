/** Reads the dumps that say where memory is: keys u, H and m. */
import type {
  DomainMemoryReading,
  HeapZoneReading,
  MemoryInfoReading,
  NumaReading,
} from '../capture/reading.ts';
import type { Dump } from './dumps.ts';
import type { Form, Match } from './form.ts';
import { noJudgement, readingsOf, settle } from './line-reading.ts';
import type { KeptLine, Notes } from './notes.ts';
import { HEAP_FORMS, MEMORY_FORMS, NUMA_FORMS } from './section-forms.ts';
import { dec } from './values.ts';

type Lines<Name extends string> = readonly (readonly [Match<Name>, KeptLine])[];

/** The readable lines of a dump. */
export const linesOf = <Name extends string>(
  forms: readonly Form<Name>[],
  dump: Dump,
  notes: Notes,
): Lines<Name> =>
  dump.lines.flatMap((line): Lines<Name> => {
    const match = settle(readingsOf(forms, line, notes), noJudgement, forms, notes);
    return match === undefined ? [] : [[match, line]];
  });

/** Key u. A domain whose node lines are lost has fewer of them. */
export const readNuma = (dump: Dump, notes: Notes): NumaReading | undefined => {
  const nodes: NumaReading['nodes'][number][] = [];
  const cpus: NumaReading['cpus'][number][] = [];
  const domains: (DomainMemoryReading & { readonly perNode: { node: number; pages: number }[] })[] =
    [];
  for (const [{ form, values }, { file, line }] of linesOf(NUMA_FORMS, dump, notes)) {
    const [first = 0, second = 0, third = 0, fourth = 0] = values.map(Number);
    switch (form.name) {
      case 'node':
        nodes.push({ node: first, startPfn: second, spannedPages: third, freePages: fourth });
        break;
      case 'cpus':
        cpus.push({ first, last: second, node: third });
        break;
      case 'cpu':
        cpus.push({ first, last: first, node: second });
        break;
      case 'domain':
      case 'shortDomain':
        domains.push({ file, line, domid: first, totalPages: second, perNode: [] });
        break;
      default:
        domains.at(-1)?.perNode.push({ node: first, pages: second });
    }
  }
  return nodes.length === 0 ? undefined : { nodes, cpus, domains };
};

/** Key H, every zone that is printed. */
export const readHeapZones = (dump: Dump, notes: Notes): readonly HeapZoneReading[] =>
  linesOf(HEAP_FORMS, dump, notes).map(([{ values }]) => ({
    node: dec(values, 0),
    zone: dec(values, 1),
    freePages: dec(values, 2),
  }));

/** Key m. Undefined if a total is lost. */
export const readMemoryInfo = (dump: Dump, notes: Notes): MemoryInfoReading | undefined => {
  const zones: { zone: number; freeKiB: number }[] = [];
  let xenHeapKiB: number | undefined;
  let domHeapKiB: number | undefined;
  for (const [{ form, values }] of linesOf(MEMORY_FORMS, dump, notes)) {
    if (form.name === 'zone') zones.push({ zone: dec(values, 0), freeKiB: dec(values, 1) });
    else if (form.name === 'xenHeap') xenHeapKiB = dec(values, 0);
    // Below the DMA boundary the heap is totalled apart, then added here.
    else domHeapKiB = (domHeapKiB ?? 0) + dec(values, 0);
  }
  if (xenHeapKiB === undefined || domHeapKiB === undefined) return undefined;
  return { xenHeapKiB, zones, domHeapKiB };
};
