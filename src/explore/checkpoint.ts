import type { Search } from './search.ts';
export function saveCheckpoint(_s: Search, _w: number[]): Uint8Array {
  return new Uint8Array(0);
}
export function loadCheckpoint(_s: Search, _b: Uint8Array): number[] {
  return [];
}
