/** Small save streams, made record by record, so that tests can spoil them. */
import * as E from 'fp-ts/lib/Either.js';
import type { Endian } from '../../../src/stream/framing/errors.ts';
import { encodeDomainHeader, encodeImageHeader } from '../../../src/stream/framing/headers.ts';
import { encodeRecord } from '../../../src/stream/framing/record.ts';
import { LIBXC, LIBXL } from '../../../src/xen/migration/record-types.ts';
import { vcpuLayout } from '../../../src/xen/migration/vcpu-layout.ts';

export interface Page {
  readonly pfn: number;
  /** PFINFO type. */
  readonly type: number;
  /** Entries of a page table: slot, target and flags. */
  readonly entries?: readonly (readonly [slot: number, target: number, flags: number])[];
}

export interface Shape {
  readonly guest: 'pv' | 'hvm';
  readonly version: 2 | 3;
  readonly endian: Endian;
  readonly width: 4 | 8;
  readonly pages: readonly Page[];
  readonly root: number;
  readonly userRoot?: number;
  readonly gdt?: number;
}

export type Part = readonly [type: number, body: Uint8Array];

const RW = 3;
const RO = 1;

/** A 64-bit guest: L4 at 1, L3 at 2, L2 at 3, L1 at 4; pfn 5 is its GDT. */
export const SMALL_PV: Shape = {
  guest: 'pv',
  version: 3,
  endian: 'little',
  width: 8,
  root: 1,
  gdt: 5,
  pages: [
    { pfn: 0, type: 0 },
    { pfn: 1, type: 0xc, entries: [[0, 2, RW]] },
    { pfn: 2, type: 3, entries: [[0, 3, RW]] },
    { pfn: 3, type: 2, entries: [[0, 4, RW]] },
    {
      pfn: 4,
      type: 1,
      entries: [
        [0, 0, RW],
        [1, 1, RO],
        [2, 4, RO],
        [3, 5, RO],
        [4, 6, RW],
        [5, 6, RW],
      ],
    },
    { pfn: 5, type: 0 },
    { pfn: 6, type: 0 },
    { pfn: 7, type: 0xf },
  ],
};

export const SMALL_HVM: Shape = {
  ...SMALL_PV,
  guest: 'hvm',
  pages: [
    { pfn: 0, type: 0 },
    { pfn: 1, type: 0 },
    { pfn: 0xa0, type: 0xf },
    { pfn: 0x100, type: 0xe },
  ],
};

const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

const words = (
  endian: Endian,
  ...fields: readonly [bytes: 1 | 2 | 4 | 8, value: number | bigint][]
) => {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const little = endian === 'little';
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 8) view(bytes).setBigUint64(at, BigInt(value), little);
    else if (size === 4) view(bytes).setUint32(at, Number(value), little);
    else if (size === 2) view(bytes).setUint16(at, Number(value), little);
    else bytes[at] = Number(value);
    at += size;
  }
  return bytes;
};

const contents = (page: Page, endian: Endian): Uint8Array => {
  const bytes = new Uint8Array(4096).fill(page.entries === undefined ? page.pfn & 0xff : 0);
  for (const [slot, target, flags] of page.entries ?? []) {
    const entry = BigInt(target) * 4096n + BigInt(flags);
    view(bytes).setBigUint64(8 * slot, entry, endian === 'little');
  }
  return bytes;
};

export const pageData = (pages: readonly Page[], endian: Endian): Part => {
  const list = new Uint8Array(8 + 8 * pages.length);
  view(list).setUint32(0, pages.length, endian === 'little');
  for (const [index, { pfn, type }] of pages.entries()) {
    const word = (BigInt(type) << 60n) | BigInt(pfn);
    view(list).setBigUint64(8 + 8 * index, word, endian === 'little');
  }
  const present = pages.filter(({ type }) => type < 0xd);
  return [LIBXC.PAGE_DATA, Buffer.concat([list, ...present.map((page) => contents(page, endian))])];
};

const vcpuBasic = ({ endian, width, root, userRoot, gdt }: Shape): Part => {
  const layout = vcpuLayout(width);
  const bytes = new Uint8Array(8 + layout.bytes);
  const put = (at: number, value: number | bigint) => {
    if (width === 8) view(bytes).setBigUint64(8 + at, BigInt(value), endian === 'little');
    else view(bytes).setUint32(8 + at, Number(value), endian === 'little');
  };
  put(layout.flags, 0x24);
  put(layout.controlRegisters + 3 * width, root * 4096);
  if (userRoot !== undefined) put(layout.controlRegisters + width, userRoot * 4096 + 1);
  put(layout.registers[width === 8 ? 'rip' : 'eip'] ?? 0, 0x1234);
  if (gdt !== undefined) {
    put(layout.gdtFrames, gdt);
    put(layout.gdtEntries, 16);
  }
  return [LIBXC.X86_PV_VCPU_BASIC, bytes];
};

const sharedInfo = ({ endian, width }: Shape): Part => {
  const bytes = new Uint8Array(4096);
  const setPort = (base: number, port: number) => {
    const at = base + width * Math.floor(port / (8 * width));
    const bit = port % (8 * width);
    bytes[at + (endian === 'little' ? bit >> 3 : width - 1 - (bit >> 3))] = 1 << (bit & 7);
  };
  setPort(2048, 37);
  setPort(2048 + 8 * width * width, 70);
  return [LIBXC.SHARED_INFO, bytes];
};

const hvmContext = ({ endian }: Shape): Part => {
  const descriptor = (code: number, instance: number, length: number) =>
    words(endian, [2, code], [2, instance], [4, length]);
  const cpu = new Uint8Array(1032);
  view(cpu).setBigUint64(640, 0xfff0n, endian === 'little');
  return [
    LIBXC.HVM_CONTEXT,
    Buffer.concat([
      descriptor(1, 0, 24),
      words(endian, [4, 0x54381286], [4, 1], [8, 0], [4, 0], [4, 0]),
      descriptor(2, 1, 1032),
      cpu,
      descriptor(0, 0, 0),
    ]),
  ];
};

const NOTHING = new Uint8Array(0);

/** The records of a libxc stream of this shape, in lawful order. */
export const partsOf = (shape: Shape): readonly Part[] => {
  const { endian, width, pages } = shape;
  const last = Math.max(...pages.map(({ pfn }) => pfn));
  const pv = shape.guest === 'pv';
  const half = pages.length >> 1;
  return [
    ...(pv
      ? ([
          [LIBXC.X86_PV_INFO, words(endian, [1, width], [1, width === 8 ? 4 : 3], [2, 0], [4, 0])],
        ] as const)
      : []),
    [LIBXC.X86_CPUID_POLICY, new Uint8Array(48)],
    [LIBXC.X86_MSR_POLICY, new Uint8Array(16)],
    ...(shape.version === 3 ? ([[LIBXC.STATIC_DATA_END, NOTHING]] as const) : []),
    ...(pv ? ([[LIBXC.X86_PV_P2M_FRAMES, words(endian, [4, 0], [4, last], [8, 0])]] as const) : []),
    pageData(pages.slice(0, half), endian),
    pageData(pages.slice(half), endian),
    [LIBXC.X86_TSC_INFO, words(endian, [4, 0], [4, 2_300_000], [8, 42n], [4, 1], [4, 0])],
    ...(pv
      ? [sharedInfo(shape), vcpuBasic(shape)]
      : [
          [LIBXC.HVM_PARAMS, words(endian, [4, 1], [4, 0], [8, 17], [8, 0xfeffcn])] as Part,
          hvmContext(shape),
        ]),
    [LIBXC.END, NOTHING],
  ];
};

const recordBytes = ([type, body]: Part, endian: Endian): Uint8Array => {
  const bytes = encodeRecord(type, body, endian);
  if (E.isLeft(bytes)) throw new Error(JSON.stringify(bytes.left));
  return bytes.right;
};

/** A libxc stream: headers and the given records. */
export const libxcStream = (shape: Shape, parts = partsOf(shape)): Uint8Array =>
  Buffer.concat([
    encodeImageHeader(shape.version, shape.endian),
    encodeDomainHeader({ type: shape.guest, xenMajor: 4, xenMinor: 17 }, shape.endian),
    ...parts.map((part) => recordBytes(part, shape.endian)),
  ]);

/** A libxl stream: header, `before`, the libxc stream, `after`, END. */
export const libxlStream = (
  libxc: Uint8Array,
  endian: Endian,
  after: readonly Part[] = [],
): Uint8Array => {
  const header = new Uint8Array(16);
  header.set(Buffer.from('LibxlFmt'));
  view(header).setUint32(8, 2);
  view(header).setUint32(12, endian === 'big' ? 1 : 0);
  return Buffer.concat([
    header,
    recordBytes([LIBXL.LIBXC_CONTEXT, NOTHING], endian),
    libxc,
    ...[...after, [LIBXL.END, NOTHING] as Part].map((part) => recordBytes(part, endian)),
  ]);
};
