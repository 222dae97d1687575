/** All kinds of parts. A new one is one entry in one of these lists. */
import { grantParts } from './grants.ts';
import type { PartKind } from './kind.ts';

export const PART_KINDS: readonly PartKind[] = [...grantParts];

const byId = new Map(PART_KINDS.map((kind) => [kind.id, kind]));
export const kindOf = (id: string): PartKind | undefined => byId.get(id);
