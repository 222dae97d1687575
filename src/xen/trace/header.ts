/**
 * The header word of a trace record (public/trace.h): bits 0-27 the event,
 * bits 28-30 the number of extra words (0 to 7), bit 31 whether a 64-bit TSC
 * stands between the header and the extra words. All words are little-endian.
 */

/** TRC_LOST_RECORDS: written by Xen when the buffer has room again. */
export const LOST_RECORDS = 0x0001_f001;
/** TRC_TRACE_WRAP_BUFFER: padding to the end of Xen's ring. */
export const WRAP_BUFFER = 0x0001_f002;
/** TRC_TRACE_CPU_CHANGE: written by xentrace before each window of a CPU. */
export const CPU_CHANGE = 0x0001_f003;

/** TRC_HD_TO_EVENT: the 28 bits that name the event. */
export const headerEvent = (header: number): number => header & 0x0fff_ffff;

/** TRC_HD_EXTRA: number of extra words, 0 to 7. */
export const headerWords = (header: number): number => (header >>> 28) & 7;

/** TRC_HD_INCLUDES_CYCLE_COUNT: whether the record carries its TSC. */
export const headerStamped = (header: number): boolean => header >>> 31 === 1;

/** Bytes of the whole record that starts with `header`: 4 to 40. */
export const recordBytes = (header: number): number =>
  4 + ((header >>> 31) << 3) + (((header >>> 28) & 7) << 2);
