/** The libxc stream: image header, domain header, records (F10.1 to F10.6). */
import * as E from 'fp-ts/lib/Either.js';
import { hex } from '../../stream/framing/errors.ts';
import {
  DOMAIN_HEADER_BYTES,
  type DomainHeader,
  decodeDomainHeader,
  decodeImageHeader,
  IMAGE_HEADER_BYTES,
  IMAGE_ID,
  IMAGE_MARKER,
  type ImageHeader,
} from '../../stream/framing/headers.ts';
import { type StreamRecord, viewOf } from '../../stream/framing/record.ts';
import { type Finding, findingOf } from '../../stream/lint/finding.ts';
import type { Format, OpenFormat } from '../../stream/lint/format.ts';
import type { LibxcState } from './libxc-judges.ts';
import { libxcRecords, libxcRequired } from './libxc-records.ts';
import { LIBXC } from './record-types.ts';

/** Image versions that can be read (F10.1). */
const LIBXC_VERSIONS = [2, 3] as const;

/** Told of the headers as soon as they are read. */
export type OnLibxcHeader = (image: ImageHeader, domain: DomainHeader) => void;

/** The format; `onHeader` is for readers who need more than findings. */
export const libxcFormat = (onHeader?: OnLibxcHeader): Format => ({
  name: 'libxc',
  headerBytes: IMAGE_HEADER_BYTES + DOMAIN_HEADER_BYTES,
  recognises: (first) => {
    const view = viewOf(first);
    return view.getBigUint64(0) === IMAGE_MARKER && view.getUint32(8) === IMAGE_ID;
  },
  open: (header, offset) => {
    const image = decodeImageHeader(header, LIBXC_VERSIONS, offset);
    if (E.isLeft(image)) return E.left(findingOf(image.left));
    const { endian } = image.right;
    const rest = header.subarray(IMAGE_HEADER_BYTES);
    const domain = decodeDomainHeader(rest, endian, offset + IMAGE_HEADER_BYTES);
    if (E.isLeft(domain)) return E.left(findingOf(domain.left));
    onHeader?.(image.right, domain.right);
    return E.right(opened(image.right, domain.right, offset));
  },
});

const opened = (image: ImageHeader, domain: DomainHeader, offset: number): OpenFormat => {
  const state: LibxcState = { type: domain.type, width: undefined, lastPfn: undefined };
  return {
    endian: image.endian,
    heading: [
      `image header: version ${image.version}, ${image.endian}-endian`,
      `domain header: ${guestName(domain)}`,
    ],
    findings: reservedFindings(image, domain, offset),
    records: libxcRecords(state, image.version),
    required: libxcRequired(domain.type, image.version),
    watch: paramsBehindContext(),
  };
};

const guestName = ({ type, xenMajor, xenMinor }: DomainHeader): string => {
  const from = xenMajor === 0 ? 'converted from a legacy stream' : `Xen ${xenMajor}.${xenMinor}`;
  return `x86 ${type.toUpperCase()}, ${from}`;
};

const reservedFindings = (
  image: ImageHeader,
  domain: DomainHeader,
  offset: number,
): readonly Finding[] => {
  const fields: readonly [number, number, string][] = [
    [image.reservedOptions, 16, 'image options'],
    [image.reserved[0], 18, 'image header'],
    [image.reserved[1], 20, 'image header'],
    [domain.reserved, 30, 'domain header'],
  ];
  return fields
    .filter(([value]) => value !== 0)
    .map(([value, at, what]) => ({
      severity: 'warning',
      offset: offset + at,
      rule: at === 30 ? 'F10.2' : 'F10.1',
      message: `reserved bits of the ${what}: ${hex(value)}`,
    }));
};

/**
 * F10.5 wants HVM_PARAMS before HVM_CONTEXT, since parameters decide what a
 * context may hold. libxc itself writes them the other way round (seen in
 * streams of Xen 4.17) and can, because its restore keeps the context until
 * END. So this is a note, not an error: a restore that applies records as
 * they come would have to refuse.
 */
const paramsBehindContext = (): ((record: StreamRecord) => readonly Finding[]) => {
  let context = false;
  return ({ type, offset }) => {
    if (type === LIBXC.HVM_CONTEXT) context = true;
    if (type !== LIBXC.HVM_PARAMS || !context) return [];
    const message = 'HVM_PARAMS behind HVM_CONTEXT: the context has to be kept till END';
    return [{ severity: 'note', offset, rule: 'F10.5', message }];
  };
};
