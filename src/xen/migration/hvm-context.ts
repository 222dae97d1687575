/** The HVM_CONTEXT blob: a chain of descriptors with bodies (F10.8). */
import * as E from 'fp-ts/lib/Either.js';

/** Bytes of a descriptor. */
const DESCRIPTOR_BYTES = 8;
const CODE_END = 0;
const CODE_HEADER = 1;
/** hvm/save.h: `HVM_FILE_MAGIC`. */
const FILE_MAGIC = 0x54381286;
const FILE_VERSION = 1;

const NAMES = [
  'END',
  'HEADER',
  'CPU',
  'PIC',
  'IOAPIC',
  'LAPIC',
  'LAPIC_REGS',
  'PCI_IRQ',
  'ISA_IRQ',
  'PCI_LINK',
  'PIT',
  'RTC',
  'HPET',
  'PMTIMER',
  'MTRR',
  'VIRIDIAN_DOMAIN',
  'CPU_XSAVE',
  'VIRIDIAN_VCPU',
  'VMCE_VCPU',
  'TSC_ADJUST',
  'CPU_MSR',
] as const;

/** Typecodes that this file uses, by name. */
export const HVM_SAVE = { CPU: 2 } as const;

/** One descriptor of the chain. */
export interface HvmDescriptor {
  readonly code: number;
  /** Name of the code; `code N` when it is not known. */
  readonly name: string;
  /** vCPU, or device number. */
  readonly instance: number;
  /** Offset in the blob of the record's body, in bytes. */
  readonly offset: number;
  /** Bytes of body. */
  readonly length: number;
}

/** What is wrong with a blob, at which byte of it. */
export interface HvmContextError {
  readonly offset: number;
  readonly message: string;
}

/**
 * Reads the chain: a HEADER with the right magic and version first, END with
 * length 0 last, nothing outside the blob. END is not in the answer.
 */
export const decodeHvmContext = (
  blob: DataView,
  little: boolean,
): E.Either<HvmContextError, readonly HvmDescriptor[]> => {
  const chain: HvmDescriptor[] = [];
  const wrong = (offset: number, message: string) => E.left({ offset, message });
  for (let at = 0; ; ) {
    const left = blob.byteLength - at;
    if (left < DESCRIPTOR_BYTES) return wrong(at, `no END descriptor, ${left} bytes left`);
    const code = blob.getUint16(at, little);
    const length = blob.getUint32(at + 4, little);
    const name = NAMES[code] ?? `code ${code}`;
    if (length > left - DESCRIPTOR_BYTES) {
      return wrong(at, `${name} of ${length} bytes, ${left - DESCRIPTOR_BYTES} left`);
    }
    if (code === CODE_END) {
      if (length !== 0) return wrong(at, `END of ${length} bytes, not 0`);
      return left === DESCRIPTOR_BYTES
        ? E.right(chain)
        : wrong(at + DESCRIPTOR_BYTES, `${left - DESCRIPTOR_BYTES} bytes behind END`);
    }
    const offset = at + DESCRIPTOR_BYTES;
    if ((chain.length === 0) !== (code === CODE_HEADER)) {
      return wrong(at, chain.length === 0 ? `${name} before HEADER` : 'a second HEADER');
    }
    if (code === CODE_HEADER) {
      const bad = headerError(blob, offset, length, little);
      if (bad !== undefined) return wrong(offset, bad);
    }
    chain.push({ code, name, instance: blob.getUint16(at + 2, little), offset, length });
    at = offset + length;
  }
};

const headerError = (
  blob: DataView,
  offset: number,
  length: number,
  little: boolean,
): string | undefined => {
  if (length < 8) return `HEADER of ${length} bytes`;
  const magic = blob.getUint32(offset, little);
  if (magic !== FILE_MAGIC) return `magic 0x${magic.toString(16)}, not 0x54381286`;
  const version = blob.getUint32(offset + 4, little);
  return version === FILE_VERSION ? undefined : `file version ${version}, not ${FILE_VERSION}`;
};
