/**
 * The two layers around a libxc stream: libxl's records, and the header that
 * `xl save` puts in front of them with the guest's configuration.
 */
import * as E from 'fp-ts/lib/Either.js';
import { hex } from '../../stream/framing/errors.ts';
import { viewOf } from '../../stream/framing/record.ts';
import type { Finding, Judgement } from '../../stream/lint/finding.ts';
import type { BodyContext, BodyRule, Format, RecordRule } from '../../stream/lint/format.ts';
import { LIBXL } from './record-types.ts';

/** "LibxlFmt" */
const LIBXL_IDENT = 0x4c6962786c466d74n;
const LIBXL_VERSION = 2;
const OPTION_BIG_ENDIAN = 1;
const OPTION_LEGACY = 2;

const XL_MAGIC = 'Xen saved domain, xl format\n \0 \r';
/** Byte order mark as written on the saving host. */
const XL_BYTE_ORDER = 0x01020304;
const XL_FLAG_JSON = 1;
const XL_FLAG_STREAM_V2 = 2;
/** Facts about both layers are in the public specification of libxl's stream. */
const SPEC = 'libxl spec';

const error = (offset: number, message: string): Finding => ({
  severity: 'error',
  offset,
  rule: SPEC,
  message,
});

/** Records of emulators begin with who they are for: id and index. */
const emulator = (body: DataView, { offset, little }: BodyContext): Judgement => {
  const id = body.getUint32(0, little);
  const names = ['unknown emulator', 'QEMU traditional', 'QEMU upstream'];
  const name = names[id];
  return {
    notes: [`${name ?? `emulator ${id}`}, index ${body.getUint32(4, little)}`],
    findings: name === undefined ? [error(offset, `emulator id ${id} is not known`)] : [],
  };
};

/** Pairs of strings, each ended by a NUL. */
const xenstoreData = (body: DataView, context: BodyContext): Judgement => {
  const judged = emulator(body, context);
  let ends = 0;
  for (let at = 8; at < body.byteLength; at += 1) if (body.getUint8(at) === 0) ends += 1;
  const last = body.byteLength - 1;
  const findings = [...judged.findings];
  if (last >= 8 && body.getUint8(last) !== 0) {
    findings.push(error(context.offset + last, 'the last string has no NUL'));
  } else if (ends % 2 !== 0) {
    findings.push(error(context.offset + 8, `${ends} strings, not pairs of key and value`));
  }
  return { notes: [...judged.notes, `${ends >> 1} keys`], findings };
};

const OPAQUE: BodyRule = { kind: 'opaque' };

const empty = (name: string): RecordRule => ({ name, minLength: 0, maxLength: 0, body: OPAQUE });

const emulatorRecord = (name: string, judge: typeof emulator): RecordRule => ({
  name,
  minLength: 8,
  maxLength: Number.POSITIVE_INFINITY,
  body: { kind: 'whole', judge },
});

const records = (libxc: Format): ReadonlyMap<number, RecordRule> =>
  new Map<number, RecordRule>([
    [LIBXL.END, { ...empty('END'), lengthFact: 'F10.5', flow: { kind: 'end' } }],
    [
      LIBXL.LIBXC_CONTEXT,
      { ...empty('LIBXC_CONTEXT'), once: true, flow: { kind: 'enter', format: libxc } },
    ],
    [LIBXL.EMULATOR_XENSTORE_DATA, emulatorRecord('EMULATOR_XENSTORE_DATA', xenstoreData)],
    [LIBXL.EMULATOR_CONTEXT, emulatorRecord('EMULATOR_CONTEXT', emulator)],
    [LIBXL.CHECKPOINT_END, { ...empty('CHECKPOINT_END'), flow: { kind: 'resume' } }],
    [
      LIBXL.CHECKPOINT_STATE,
      { name: 'CHECKPOINT_STATE', minLength: 4, maxLength: 4, body: OPAQUE },
    ],
  ]);

/** libxl's stream, version 2, around the given libxc format. */
export const libxlFormat = (libxc: Format): Format => ({
  name: 'libxl',
  headerBytes: 16,
  recognises: (first) => viewOf(first).getBigUint64(0) === LIBXL_IDENT,
  open: (header, offset) => {
    const view = viewOf(header);
    const ident = view.getBigUint64(0);
    if (ident !== LIBXL_IDENT) return E.left(error(offset, `ident ${hex(ident, 16)}`));
    const version = view.getUint32(8);
    if (version !== LIBXL_VERSION) {
      return E.left(error(offset + 8, `version ${version}, not ${LIBXL_VERSION}`));
    }
    const options = view.getUint32(12);
    const reserved = (options & ~(OPTION_BIG_ENDIAN | OPTION_LEGACY)) >>> 0;
    const endian = (options & OPTION_BIG_ENDIAN) === 0 ? 'little' : 'big';
    const legacy = (options & OPTION_LEGACY) === 0 ? '' : ', converted from a legacy stream';
    return E.right({
      endian,
      heading: [`${endian}-endian${legacy}`],
      findings:
        reserved === 0
          ? []
          : [
              {
                severity: 'warning',
                offset: offset + 12,
                rule: SPEC,
                message: `reserved options ${hex(reserved)}`,
              },
            ],
      records: records(libxc),
      required: [LIBXL.LIBXC_CONTEXT],
    });
  },
});

/** What `xl save` writes: its own header, the configuration, libxl's stream. */
export const xlFormat = (libxl: Format): Format => ({
  name: 'xl',
  headerBytes: 48,
  recognises: (first) => XL_MAGIC.startsWith(latin1(first.subarray(0, 32))),
  open: (header, offset) => {
    if (latin1(header.subarray(0, 32)) !== XL_MAGIC) return E.left(error(offset, 'magic of xl'));
    const view = viewOf(header);
    const little = view.getUint32(32, true) === XL_BYTE_ORDER;
    if (!little && view.getUint32(32) !== XL_BYTE_ORDER) {
      return E.left(error(offset + 32, `byte order mark ${hex(view.getUint32(32), 8)}`));
    }
    const flags = view.getUint32(36, little);
    const unknown = (flags & ~(XL_FLAG_JSON | XL_FLAG_STREAM_V2)) >>> 0;
    if (unknown !== 0) return E.left(error(offset + 36, `mandatory flags ${hex(unknown)}`));
    if ((flags & XL_FLAG_STREAM_V2) === 0) {
      return E.left(error(offset + 36, 'a legacy stream (no stream v2 flag)'));
    }
    const skip = view.getUint32(44, little);
    return E.right({
      endian: little ? 'little' : 'big',
      heading: [`${skip} bytes of configuration`],
      findings: [],
      records: new Map(),
      required: [],
      wraps: { skip, format: libxl },
    });
  },
});

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
