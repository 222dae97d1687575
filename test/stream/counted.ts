/**
 * Counts what a piece of work allocates and reads, so that tests bound time
 * and memory by the size of the input and not by a clock: bytes of typed
 * arrays made by length, and numbers read out of views.
 */
export interface Counted {
  /** Bytes of typed arrays made. */
  allocated: number;
  /** Numbers read through DataViews. */
  reads: number;
}

const ARRAYS = ['Uint8Array', 'Uint16Array', 'Uint32Array', 'Float64Array'] as const;
const GETTERS = ['getUint8', 'getUint16', 'getUint32', 'getBigUint64'] as const;

/** Runs `work` and counts; other work must not run meanwhile. */
export const counted = async <T>(work: () => Promise<T> | T): Promise<[T, Counted]> => {
  const counts: Counted = { allocated: 0, reads: 0 };
  const undo: (() => void)[] = [];
  for (const name of ARRAYS) {
    const original = globalThis[name];
    const counting = new Proxy(original, {
      construct: (target, args, as) => {
        const made: { byteLength: number } = Reflect.construct(target, args, as);
        // A view on a buffer that is there already costs nothing.
        if (!(args[0] instanceof ArrayBuffer)) counts.allocated += made.byteLength;
        return made;
      },
    });
    Object.assign(globalThis, { [name]: counting });
    undo.push(() => Object.assign(globalThis, { [name]: original }));
  }
  for (const name of GETTERS) {
    const original = DataView.prototype[name] as (at: number, little?: boolean) => unknown;
    const get = function (this: DataView, at: number, little?: boolean): unknown {
      counts.reads += 1;
      return original.call(this, at, little);
    };
    Object.assign(DataView.prototype, { [name]: get });
    undo.push(() => Object.assign(DataView.prototype, { [name]: original }));
  }
  try {
    return [await work(), counts];
  } finally {
    for (const back of undo) back();
  }
};
