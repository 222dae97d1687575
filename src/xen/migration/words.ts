/** Guest words of 4 or 8 bytes. */
export const readWord = (view: DataView, at: number, width: 4 | 8, little: boolean): bigint =>
  width === 8 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little));
