import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { PAGE_SIZE } from '../../src/host/constants.ts';
import { contentOf, type Hardware } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import { framesOf, range } from '../../src/host/ranges.ts';
import {
  decodeBreadcrumb,
  decodeMfnArray,
  MFNS_PER_PAGE,
} from '../../src/liveupdate/breadcrumb.ts';
import { IMAGE_HEADER_BYTES } from '../../src/stream/framing/headers.ts';
import {
  isOptionalType,
  REC_TYPE_END,
  type RecordHeader,
} from '../../src/stream/framing/record.ts';
import { RecordReader } from '../../src/stream/framing/record-reader.ts';
import { recordNameOf } from '../../src/stream/records/registry.ts';
import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { hex } from '../support/names.ts';

/** The bytes of pages, as far as they hold any. */
const bytesOf = (hw: Hardware, frames: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(frames.length * PAGE_SIZE);
  frames.forEach((f, i) => {
    bytes.set(contentOf(hw, f, 'bytes')?.data ?? [], i * PAGE_SIZE);
  });
  return bytes;
};

/** The headers of the stream that lies in memory, up to END or to where it cannot be read. */
const headersOf = ({ hardware, xen }: Host): readonly RecordHeader[] => {
  const first = contentOf(hardware, xen.bootmem.start, 'bytes');
  const crumb = first === null ? null : decodeBreadcrumb(first.data, true);
  if (crumb === null || isLeft(crumb)) return [];
  const { arrayFrame, pages } = crumb.right;
  const array = [...framesOf([range(arrayFrame, Math.ceil(pages / MFNS_PER_PAGE))])];
  const frames = decodeMfnArray(bytesOf(hardware, array), pages);
  if (isLeft(frames)) return [];
  const reader = new RecordReader(bytesOf(hardware, frames.right), { start: IMAGE_HEADER_BYTES });
  const headers: RecordHeader[] = [];
  for (let next = reader.next(); isRight(next) && next.right !== undefined; next = reader.next()) {
    headers.push(next.right);
    if (next.right.type === REC_TYPE_END) break;
  }
  return headers;
};

const describe = ({ type, offset }: RecordHeader): string => `type ${hex(type)} at ${hex(offset)}`;

/** What xen#2 makes of the records that it does not know, when it maps the stream. */
const watch = (): Watcher => {
  const a = new Audit();
  let headers: readonly RecordHeader[] = [];
  return {
    see: ({ type, host, phase }) => {
      if (type === 'xen2.boot' && phase === 'jumped') headers = headersOf(host);
      if (type !== 'xen2.map-stream') return;
      a.count(headers.length);
      const unknown = headers.filter((h) => recordNameOf(h.type) === null);
      const mandatory = unknown.find((h) => !isOptionalType(h.type));
      // Only what is told by the crash itself leaves this phase.
      const refused = phase !== 'jumped';
      if (mandatory !== undefined && !refused)
        a.offend(
          'host stream',
          `accepted with the unknown mandatory record ${describe(mandatory)}`,
        );
      const whole = headers.at(-1)?.type === REC_TYPE_END;
      if (unknown[0] !== undefined && mandatory === undefined && whole && refused)
        a.offend(
          'host stream',
          `refused, with the unknown optional record ${describe(unknown[0])}`,
        );
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'VER-2',
  title: 'Unknown records: mandatory refused, optional ignored',
  says:
    'xen#2 stops at a record that it does not know and that is mandatory, and passes over one ' +
    'that is optional; never the other way round.',
  why:
    'What a mandatory record says is needed for the domain to be right; to stop at an optional ' +
    'one would make every extension of the stream a new format.',
  sources: ['VER-2', 'F10.3', 'R9', 'S63'],
  afterCrash: true,
  watch,
});
