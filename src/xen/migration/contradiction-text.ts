/** Contradictions between tables and types for people: 75 columns. */
import { hex } from '../../stream/framing/errors.ts';
import { typeName } from './record-types.ts';
import type { Contradiction, ContradictionKind } from './table-check.ts';

const MEANING: Readonly<Record<ContradictionKind, string>> = {
  'no-page': 'has no page',
  'wrong-type': 'is no table of the level below',
  'writable-table': 'is a page table, mapped writable',
  'writable-gdt': 'is in the GDT, mapped writable',
  'writable-linear': 'is of the same level, and writable',
  'linear-both': 'uses and is used by tables of its level',
  'large-page': 'is mapped as a large page',
  'xen-slot': 'is in a slot of Xen',
  'wrong-root': 'is loaded as a root, which it is not',
  'gdt-table': 'is in the GDT and a page table',
};

/** Two lines: where the entry is, and what it points to. */
export const contradictionLines = (found: Contradiction): readonly [string, string] => {
  const where =
    found.tablePfn === undefined || found.tableType === undefined
      ? `vCPU ${found.slot}`
      : `${typeName(found.tableType)} at pfn ${hex(found.tablePfn)}, slot ${found.slot}`;
  const type = found.targetType === undefined ? '' : ` (${typeName(found.targetType)})`;
  return [
    `${where}: (${found.rule})`,
    `  pfn ${hex(found.targetPfn)}${type} ${MEANING[found.kind]}`,
  ];
};
