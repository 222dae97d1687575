/**
 * A reader of libxc streams in its plainest form, for a whole stream in
 * memory that is known to be lawful: what the project's own reader is held
 * against, and how tests find the bytes that they bend. Shares nothing with
 * the code under test.
 */

interface PlainRecord {
  readonly type: number;
  /** Of the record's header. */
  readonly at: number;
  readonly length: number;
}

interface PlainPage {
  readonly pfn: number;
  readonly type: number;
  /** Of the page's word in the list. */
  readonly wordAt: number;
  /** Of its contents; undefined: it has none. */
  readonly contentsAt: number | undefined;
}

export interface PlainStream {
  readonly records: readonly PlainRecord[];
  /** In the order of the stream; a pfn may come several times. */
  readonly pages: readonly PlainPage[];
}

const PAGE_DATA = 1;

/** Offset of libxc's image header: the marker of eight bytes 0xff. */
const startOf = (bytes: Buffer): number => bytes.indexOf(Buffer.alloc(8, 0xff));

const pagesOf = (bytes: Buffer, body: number, big: boolean): PlainPage[] => {
  const u32 = (at: number): number => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const count = u32(body);
  let contents = body + 8 + 8 * count;
  return Array.from({ length: count }, (_, i): PlainPage => {
    const wordAt = body + 8 + 8 * i;
    const word = big ? bytes.readBigUInt64BE(wordAt) : bytes.readBigUInt64LE(wordAt);
    const type = Number(word >> 60n);
    const contentsAt = type < 13 ? contents : undefined;
    if (contentsAt !== undefined) contents += 4096;
    return { pfn: Number(word & 0xf_ffff_ffff_ffffn), type, wordAt, contentsAt };
  });
};

export const readPlainly = (stream: Uint8Array): PlainStream => {
  const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
  const start = startOf(bytes);
  const big = (bytes.readUInt16BE(start + 16) & 1) === 1;
  const u32 = (at: number): number => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const records: PlainRecord[] = [];
  const pages: PlainPage[] = [];
  for (let at = start + 40; ; ) {
    const [type, length] = [u32(at), u32(at + 4)];
    records.push({ type, at, length });
    if (type === PAGE_DATA) pages.push(...pagesOf(bytes, at + 8, big));
    if (type === 0) return { records, pages };
    at += 8 + Math.ceil(length / 8) * 8;
  }
};
