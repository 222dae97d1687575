import { describe, expect, it } from 'vitest';
import type { Format } from '../../../src/stream/lint/format.ts';
import { lintStream } from '../../../src/xen/migration/lint.ts';
import { LIBXC, LIBXL } from '../../../src/xen/migration/record-types.ts';
import {
  libxcStream,
  libxlStream,
  type Part,
  partsOf,
  type Shape,
  SMALL_HVM,
  SMALL_PV,
} from './build-stream.ts';

type Edit = (parts: readonly Part[]) => readonly Part[];

const lintEdited = (shape: Shape, edit: Edit) =>
  lintStream([libxcStream(shape, edit(partsOf(shape)))]);

const without =
  (type: number): Edit =>
  (parts) =>
    parts.filter(([other]) => other !== type);

/** Moves the first record of a type to the place before END. */
const toTheEnd =
  (type: number): Edit =>
  (parts) => {
    const moved = parts.find(([other]) => other === type);
    const rest = parts.filter((part) => part !== moved);
    return moved === undefined ? parts : [...rest.slice(0, -1), moved, ...rest.slice(-1)];
  };

const twice =
  (type: number): Edit =>
  (parts) =>
    parts.flatMap((part) => (part[0] === type ? [part, part] : [part]));

/** Changes the body of the first record of a type. */
const patched =
  (type: number, patch: (body: DataView) => void): Edit =>
  (parts) => {
    const index = parts.findIndex(([other]) => other === type);
    return parts.map((part, i) => {
      if (i !== index) return part;
      const body = Uint8Array.from(part[1]);
      patch(new DataView(body.buffer));
      return [type, body];
    });
  };

const resized =
  (type: number, length: number): Edit =>
  (parts) =>
    parts.map(([other, body]) => {
      const bytes = new Uint8Array(length);
      bytes.set(body.subarray(0, length));
      return [other, other === type ? bytes : body];
    });

const insertedFirst =
  (...added: readonly Part[]): Edit =>
  (parts) => [...added, ...parts];

const NOTHING = new Uint8Array(0);

const cases: readonly (readonly [
  name: string,
  shape: Shape,
  edit: Edit,
  severity: string,
  rule: string,
  message: RegExp,
])[] = [
  [
    'unknown mandatory record',
    SMALL_PV,
    insertedFirst([0x40000001, NOTHING]),
    'error',
    'F10.3',
    /mandatory record 0x40000001 is not known/,
  ],
  [
    'unknown optional record',
    SMALL_PV,
    insertedFirst([0x80000001, Uint8Array.of(1)]),
    'note',
    'F10.3',
    /optional record .* passed over/,
  ],
  [
    'PV record in an HVM guest',
    SMALL_HVM,
    insertedFirst([LIBXC.X86_PV_INFO, new Uint8Array(8)]),
    'error',
    'F10.3',
    /0x2 is not known/,
  ],
  [
    'PV info after the P2M',
    SMALL_PV,
    toTheEnd(LIBXC.X86_PV_INFO),
    'error',
    'F10.5',
    /X86_PV_P2M_FRAMES without X86_PV_INFO/,
  ],
  [
    'P2M after the pages',
    SMALL_PV,
    toTheEnd(LIBXC.X86_PV_P2M_FRAMES),
    'error',
    'F10.5',
    /PAGE_DATA without X86_PV_P2M_FRAMES/,
  ],
  [
    'pages after a vCPU',
    SMALL_PV,
    toTheEnd(LIBXC.PAGE_DATA),
    'error',
    'F10.5',
    /PAGE_DATA after X86_PV_VCPU_BASIC/,
  ],
  [
    'no STATIC_DATA_END in version 3',
    SMALL_PV,
    without(LIBXC.STATIC_DATA_END),
    'error',
    'F10.5',
    /without STATIC_DATA_END/,
  ],
  [
    'policy after STATIC_DATA_END',
    SMALL_PV,
    toTheEnd(LIBXC.X86_MSR_POLICY),
    'error',
    'F10.5',
    /X86_MSR_POLICY after STATIC_DATA_END/,
  ],
  [
    'context before parameters',
    SMALL_HVM,
    toTheEnd(LIBXC.HVM_PARAMS),
    'note',
    'F10.5',
    /HVM_PARAMS behind HVM_CONTEXT/,
  ],
  ['no shared info', SMALL_PV, without(LIBXC.SHARED_INFO), 'error', 'F10.5', /has no SHARED_INFO/],
  ['no HVM context', SMALL_HVM, without(LIBXC.HVM_CONTEXT), 'error', 'F10.5', /has no HVM_CONTEXT/],
  ['two PV infos', SMALL_PV, twice(LIBXC.X86_PV_INFO), 'error', 'F10.5', /a second X86_PV_INFO/],
  ['END with a body', SMALL_PV, resized(LIBXC.END, 8), 'error', 'F10.5', /END of 8 bytes, not 0/],
  [
    'short shared info',
    SMALL_PV,
    resized(LIBXC.SHARED_INFO, 4088),
    'error',
    'F10.3',
    /4088 bytes, not 4096/,
  ],
  [
    'CPUID policy of half a leaf',
    SMALL_PV,
    resized(LIBXC.X86_CPUID_POLICY, 36),
    'error',
    'F10.3',
    /multiple of 24/,
  ],
  [
    'reserved field of PV info',
    SMALL_PV,
    patched(LIBXC.X86_PV_INFO, (b) => b.setUint8(2, 1)),
    'warning',
    'F10.3',
    /reserved field of X86_PV_INFO is 0x1/,
  ],
  [
    'guest width',
    SMALL_PV,
    patched(LIBXC.X86_PV_INFO, (b) => b.setUint8(0, 6)),
    'error',
    'F10.6',
    /guest width 6/,
  ],
  [
    'levels that do not fit the width',
    SMALL_PV,
    patched(LIBXC.X86_PV_INFO, (b) => b.setUint8(1, 3)),
    'error',
    'F10.6',
    /3 levels .* words of 8/,
  ],
  [
    'P2M that ends before it starts',
    SMALL_PV,
    patched(LIBXC.X86_PV_P2M_FRAMES, (b) => b.setUint8(0, 99)),
    'error',
    'F10.5',
    /from pfn 0x63 to 0x7/,
  ],
  [
    'P2M with too few frames',
    SMALL_PV,
    patched(LIBXC.X86_PV_P2M_FRAMES, (b) => b.setUint8(5, 9)),
    'error',
    'F10.5',
    /1 P2M frames, 5 for those pfns/,
  ],
  [
    'page type without a meaning',
    SMALL_PV,
    patched(LIBXC.PAGE_DATA, (b) => b.setUint8(15, 0x50)),
    'error',
    'F10.4',
    /page type 5/,
  ],
  [
    'reserved bits of a pfn word',
    SMALL_PV,
    patched(LIBXC.PAGE_DATA, (b) => b.setUint8(14, 0x30)),
    'warning',
    'F10.4',
    /reserved bits 0x3/,
  ],
  [
    'pfn beyond the guest',
    SMALL_PV,
    patched(LIBXC.PAGE_DATA, (b) => b.setUint8(9, 1)),
    'error',
    'F10.5',
    /beyond the guest's last, 0x7/,
  ],
  [
    'page-table type in an HVM guest',
    SMALL_HVM,
    patched(LIBXC.PAGE_DATA, (b) => b.setUint8(15, 0x10)),
    'warning',
    'F10.4',
    /page-table type/,
  ],
  [
    'pages that the length has no room for',
    SMALL_PV,
    patched(LIBXC.PAGE_DATA, (b) => b.setUint32(0, 0xffffffff, true)),
    'error',
    'F10.4',
    /cannot list 4294967295 pages/,
  ],
  [
    'one page too few',
    SMALL_PV,
    patched(LIBXC.PAGE_DATA, (b) => b.setUint8(15, 0xf0)),
    'error',
    'F10.4',
    /for 4 pages \(3 with contents\)/,
  ],
  [
    'PAGE_DATA of no page',
    SMALL_PV,
    patched(LIBXC.PAGE_DATA, (b) => b.setUint32(0, 0, true)),
    'error',
    'F10.4',
    /PAGE_DATA of no page/,
  ],
  [
    'basic context of the wrong size',
    SMALL_PV,
    resized(LIBXC.X86_PV_VCPU_BASIC, 2808),
    'error',
    'F10.3',
    /2800 bytes, not 5168/,
  ],
  [
    'HVM context without END',
    SMALL_HVM,
    resized(LIBXC.HVM_CONTEXT, 1072),
    'error',
    'F10.8',
    /no END descriptor/,
  ],
  [
    'HVM context with another magic',
    SMALL_HVM,
    patched(LIBXC.HVM_CONTEXT, (b) => b.setUint8(8, 0)),
    'error',
    'F10.8',
    /magic 0x54381200/,
  ],
  [
    'HVM descriptor past the end',
    SMALL_HVM,
    patched(LIBXC.HVM_CONTEXT, (b) => b.setUint8(7, 0xff)),
    'error',
    'F10.8',
    /HEADER of 42781/,
  ],
  [
    'HVM parameters that are not there',
    SMALL_HVM,
    patched(LIBXC.HVM_PARAMS, (b) => b.setUint8(0, 3)),
    'error',
    'F10.3',
    /56 for 3 parameters/,
  ],
  [
    'deprecated record',
    SMALL_HVM,
    (parts) => [...parts.slice(0, -1), [LIBXC.TOOLSTACK, NOTHING], ...parts.slice(-1)],
    'warning',
    'F10.3',
    /deprecated/,
  ],
];

describe('the linter’s rules', () => {
  it.each([
    ['PV', SMALL_PV],
    ['PV, version 2', { ...SMALL_PV, version: 2 } as const],
    ['PV, big-endian', { ...SMALL_PV, endian: 'big' } as const],
    ['HVM', SMALL_HVM],
  ])('find nothing in a lawful stream: %s', async (_name, shape) => {
    const report = await lintEdited(shape, (parts) => parts);
    expect(report).toMatchObject({ format: 'libxc', end: 'complete', findings: [] });
  });

  it.each(cases)('find: %s', async (_name, shape, edit, severity, rule, message) => {
    const report = await lintEdited(shape, edit);
    const found = report.findings.filter((finding) => message.test(finding.message));
    expect(report.findings.map((finding) => finding.message).join('\n')).toMatch(message);
    expect(found[0]).toMatchObject({ severity, rule, layer: 'libxc' });
    expect(report.end).toBe('complete');
  });

  it('go on behind an error, and name the byte where it is', async () => {
    const report = await lintEdited(
      SMALL_PV,
      patched(LIBXC.X86_PV_INFO, (b) => b.setUint8(0, 6)),
    );
    expect(report.findings[0]).toMatchObject({ offset: 40 + 8, record: 'X86_PV_INFO' });
    expect(report.entries.at(-1)).toMatchObject({ name: 'END' });
  });

  it('say that something follows END', async () => {
    const bytes = libxcStream(SMALL_PV);
    const report = await lintStream([bytes, Uint8Array.of(0)]);
    expect(report.findings).toMatchObject([
      { severity: 'error', rule: 'F10.5', offset: bytes.length },
    ]);
    expect(report.findings[0]?.message).toMatch(/bytes behind/);
  });

  it('see reserved bits of the headers', async () => {
    const bytes = Uint8Array.from(libxcStream(SMALL_PV));
    bytes[16] = 0x80;
    bytes[31] = 1;
    const { findings } = await lintStream([bytes]);
    expect(findings).toMatchObject([
      { severity: 'warning', rule: 'F10.1', offset: 16 },
      { severity: 'warning', rule: 'F10.2', offset: 30 },
    ]);
  });
});

describe('a libxl stream', () => {
  it('hands over to libxc and back at a checkpoint', async () => {
    const parts = partsOf(SMALL_PV);
    const pages = parts.filter(([type]) => type === LIBXC.PAGE_DATA);
    const late = parts.filter(
      ([type]) => type >= LIBXC.X86_PV_VCPU_BASIC && type <= LIBXC.SHARED_INFO,
    );
    // One libxc stream, cut in two by its CHECKPOINT; libxl's records between.
    const first = libxcStream(SMALL_PV, [...parts.slice(0, -1), [LIBXC.CHECKPOINT, NOTHING]]);
    const second = [...pages, ...late, [LIBXC.END, NOTHING] as const];
    const bytes = libxlStream(first, 'little', [
      [LIBXL.EMULATOR_CONTEXT, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 9)],
      [LIBXL.CHECKPOINT_END, NOTHING],
      ...second,
    ]);
    const report = await lintStream([bytes]);
    expect(report.findings).toEqual([]);
    const layers = report.entries.map(({ layer, name }) => `${layer} ${name}`);
    const resumed = layers.indexOf('libxl CHECKPOINT_END');
    expect(layers.slice(resumed - 2, resumed + 2)).toEqual([
      'libxc CHECKPOINT',
      'libxl EMULATOR_CONTEXT',
      'libxl CHECKPOINT_END',
      'libxc PAGE_DATA',
    ]);
    expect(layers.at(-1)).toBe('libxl END');
  });

  it('refuses a resumption that nothing waits for, and an END too early', async () => {
    const resumed = await lintStream([
      libxlStream(libxcStream(SMALL_PV), 'little', [[LIBXL.CHECKPOINT_END, NOTHING]]),
    ]);
    expect(resumed.findings).toMatchObject([{ rule: 'F10.5', record: 'CHECKPOINT_END' }]);
    const parts = partsOf(SMALL_PV).slice(0, -1);
    const yielded = libxcStream(SMALL_PV, [...parts, [LIBXC.CHECKPOINT, NOTHING]]);
    const ended = await lintStream([libxlStream(yielded, 'little')]);
    expect(ended.findings.map(({ message }) => message)).toEqual([
      'the libxc stream inside has no END',
    ]);
  });

  it('judges what it keeps for emulators', async () => {
    const data = (text: string) =>
      Buffer.concat([Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0), Buffer.from(text, 'latin1')]);
    const report = await lintStream([
      libxlStream(libxcStream(SMALL_HVM), 'little', [
        [LIBXL.EMULATOR_XENSTORE_DATA, data('a\0b\0c\0')],
        [LIBXL.EMULATOR_XENSTORE_DATA, data('a\0b')],
      ]),
    ]);
    expect(report.findings.map(({ message }) => message)).toEqual([
      'emulator id 7 is not known',
      '3 strings, not pairs of key and value',
      'emulator id 7 is not known',
      'the last string has no NUL',
    ]);
  });
});

describe('a format that is plugged in', () => {
  it('is tried before the known ones', async () => {
    const greedy: Format = {
      name: 'greedy',
      headerBytes: 16,
      recognises: () => true,
      open: (_header, offset) => ({
        _tag: 'Left',
        left: { severity: 'error', offset, rule: 'R30', message: 'mine' },
      }),
    };
    const report = await lintStream([libxcStream(SMALL_PV)], [greedy]);
    expect(report).toMatchObject({ format: 'greedy', end: 'stopped', errors: 1 });
  });
});
