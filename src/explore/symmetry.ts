import type { Engine } from './engine.ts';
import type { Symmetry } from './options.ts';
export function normaliserOf(_e: Engine, _s: Symmetry): (v: Int32Array) => void {
  return () => {};
}
