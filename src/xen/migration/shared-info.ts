/** `struct shared_info` (public xen.h, arch-x86/xen.h), as the stream has it. */
import { readWord } from './words.ts';

/** Size of the record: one page. */
const LEGACY_MAX_VCPUS = 32;
const VCPU_INFO_BYTES = 64;
const PENDING_AT = LEGACY_MAX_VCPUS * VCPU_INFO_BYTES;

/** What of `struct vcpu_info` a host keeps for its guest. */
interface SharedVcpuInfo {
  readonly upcallPending: boolean;
  readonly upcallMask: boolean;
  /** One bit for each word of pending bits. */
  readonly pendingSelector: bigint;
  /** `vcpu_time_info`: TSC and system time (ns) of the last update. */
  readonly tscTimestamp: bigint;
  readonly systemTime: bigint;
}

export interface SharedInfo {
  /** 32 of them, whether the guest has as many vCPUs or not. */
  readonly vcpuInfo: readonly SharedVcpuInfo[];
  /** Ports that a guest of two-level event channels can have. */
  readonly ports: number;
  /** Bit `port & 31` of word `port >> 5`, whatever the guest's word size. */
  readonly pending: Uint32Array;
  readonly mask: Uint32Array;
  /** Wallclock at system time 0: seconds and ns since 1970. */
  readonly wallclock: { readonly sec: number; readonly nsec: number };
  readonly maxPfn: bigint;
}

/** Ports whose bit is set in one of the two arrays, ascending. */
export const setPorts = (words: Uint32Array): readonly number[] => {
  const ports: number[] = [];
  words.forEach((word, index) => {
    for (let bit = 0; bit < 32; bit += 1) if ((word >>> bit) & 1) ports.push(32 * index + bit);
  });
  return ports;
};

/** Decodes a page of 4096 bytes; `width` is the guest's word size in bytes. */
export const decodeSharedInfo = (page: DataView, width: 4 | 8, little: boolean): SharedInfo => {
  const words = 8 * width;
  const maskAt = PENDING_AT + words * width;
  const clockAt = maskAt + words * width;
  const wide = width === 8;
  // A 32-bit structure has no room behind wc_nsec and keeps the upper half
  // of the seconds at its very end.
  const secHighAt = clockAt + (wide ? 12 : 36);
  return {
    vcpuInfo: Array.from({ length: LEGACY_MAX_VCPUS }, (_, vcpu) =>
      decodeVcpuInfo(page, vcpu * VCPU_INFO_BYTES, width, little),
    ),
    ports: words * words,
    pending: bitmap(page, PENDING_AT, width, little),
    mask: bitmap(page, maskAt, width, little),
    wallclock: {
      sec: page.getUint32(secHighAt, little) * 2 ** 32 + page.getUint32(clockAt + 4, little),
      nsec: page.getUint32(clockAt + 8, little),
    },
    maxPfn: readWord(page, clockAt + (wide ? 16 : 12), width, little),
  };
};

const decodeVcpuInfo = (
  page: DataView,
  at: number,
  width: 4 | 8,
  little: boolean,
): SharedVcpuInfo => ({
  upcallPending: page.getUint8(at) !== 0,
  upcallMask: page.getUint8(at + 1) !== 0,
  pendingSelector: readWord(page, at + width, width, little),
  tscTimestamp: page.getBigUint64(at + 40, little),
  systemTime: page.getBigUint64(at + 48, little),
});

/** `width * 8` words of the guest as 32-bit words in order of ports. */
const bitmap = (page: DataView, at: number, width: 4 | 8, little: boolean): Uint32Array => {
  const halves = width / 4;
  return Uint32Array.from({ length: 8 * width * halves }, (_, i) => {
    const word = Math.floor(i / halves);
    const half = i % halves;
    const place = little ? half : halves - 1 - half;
    return page.getUint32(at + word * width + 4 * place, little);
  });
};
