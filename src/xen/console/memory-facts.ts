/** Reads the dumps that say where memory is: keys u, H and m. */
import type {
  DomainMemoryReading,
  HeapZoneReading,
  MemoryInfoReading,
  NumaReading,
} from '../capture/reading.ts';
import type { Dump } from './dumps.ts';
import type { Form, Match } from './form.ts';
import { type Judgement, noJudgement, readingsOf, settle } from './line-reading.ts';
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

/** Key H. All zones of a node are printed in ascending order from 0. */
export const readHeapZones = (dump: Dump, notes: Notes): readonly HeapZoneReading[] => {
  const zones: HeapZoneReading[] = [];
  for (const line of dump.lines) {
    const last = zones.at(-1);
    const judge: Judgement<'zone'> = {
      ...noJudgement,
      // A line of an own node starts anew; a lost line leaves a gap.
      sound: ({ values }) =>
        last === undefined ||
        (dec(values, 0) === last.node ? dec(values, 1) > last.zone : dec(values, 0) > last.node),
      agrees: ({ values }) =>
        dec(values, 1) === (dec(values, 0) === last?.node ? last.zone + 1 : 0),
    };
    const match = settle(readingsOf(HEAP_FORMS, line, notes), judge, HEAP_FORMS, notes);
    if (match === undefined) continue;
    const [node = 0, zone = 0, freePages = 0] = match.values.map(Number);
    zones.push({ node, zone, freePages });
  }
  return zones;
};

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
