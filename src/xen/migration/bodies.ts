/**
 * Bodies of the small libxc records, decoded. Lengths have been judged by
 * the record rules before any of these is called; what a value may be is
 * judged in `libxc-judges.ts`.
 */

/** F10.6 */
export interface PvInfo {
  /** Bytes of a guest word: 4 or 8 in a lawful stream. */
  readonly width: number;
  /** Levels of page tables: 3 or 4 in a lawful stream. */
  readonly levels: number;
}

/** Where the guest's own P2M lies. */
export interface P2mFrames {
  /** First and last pfn that the P2M covers. */
  readonly start: number;
  readonly end: number;
  /** Pfns of the P2M's own pages, for `start` to `end`. */
  readonly frames: Float64Array;
}

/** F10.6 */
export interface TscInfo {
  readonly mode: number;
  readonly khz: number;
  /** Guest time elapsed, in ns. */
  readonly nsec: bigint;
  readonly incarnation: number;
}

export interface HvmParam {
  readonly index: number;
  readonly value: bigint;
}

/** `X86_PV_INFO`: 8 bytes. */
export const decodePvInfo = (body: DataView): PvInfo => ({
  width: body.getUint8(0),
  levels: body.getUint8(1),
});

/** `X86_PV_P2M_FRAMES`: 8 bytes and 8 for each frame. */
export const decodeP2mFrames = (body: DataView, little: boolean): P2mFrames => ({
  start: body.getUint32(0, little),
  end: body.getUint32(4, little),
  frames: Float64Array.from({ length: (body.byteLength - 8) / 8 }, (_, i) =>
    Number(body.getBigUint64(8 + 8 * i, little)),
  ),
});

/** Frames that a P2M for `start` to `end` takes, one word of `width` each. */
export const p2mFrameCount = (start: number, end: number, width: number): number => {
  const perFrame = 4096 / width;
  return Math.floor(end / perFrame) - Math.floor(start / perFrame) + 1;
};

/** `TSC_INFO`: 24 bytes. */
export const decodeTscInfo = (body: DataView, little: boolean): TscInfo => ({
  mode: body.getUint32(0, little),
  khz: body.getUint32(4, little),
  nsec: body.getBigUint64(8, little),
  incarnation: body.getUint32(16, little),
});

/** `HVM_PARAMS`: 8 bytes and 16 for each parameter. */
export const decodeHvmParams = (body: DataView, little: boolean): readonly HvmParam[] =>
  Array.from({ length: (body.byteLength - 8) / 16 }, (_, i) => ({
    index: Number(body.getBigUint64(8 + 16 * i, little)),
    value: body.getBigUint64(16 + 16 * i, little),
  }));
