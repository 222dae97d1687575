/** All kinds of parts. A new one is one entry in one of these lists. */
import { deviceParts } from './devices.ts';
import { grantParts } from './grants.ts';
import type { PartKind } from './kind.ts';
import { lifeParts } from './life.ts';
import { memoryParts } from './memory.ts';
import { portParts } from './ports.ts';
import { systemParts } from './system.ts';
import { tableParts } from './tables.ts';
import { vcpuParts } from './vcpus.ts';

export const PART_KINDS: readonly PartKind[] = [
  ...memoryParts,
  ...tableParts,
  ...grantParts,
  ...portParts,
  ...vcpuParts,
  ...deviceParts,
  ...lifeParts,
  ...systemParts,
];

const byId = new Map(PART_KINDS.map((kind) => [kind.id, kind]));
export const kindOf = (id: string): PartKind | undefined => byId.get(id);
