/** Whether bytes begin like a stream that `xl save`, libxl or libxc wrote. */
import * as E from 'fp-ts/lib/Either.js';
import { ByteCursor, type ByteSource } from '../../stream/framing/byte-source.ts';
import { decompressed } from '../../stream/framing/xz.ts';
import type { Format } from '../../stream/lint/format.ts';
import { recognised } from '../../stream/lint/recognise.ts';
import { libxcFormat, type OnLibxcHeader } from './libxc-format.ts';
import { libxlFormat, xlFormat } from './libxl-format.ts';

/** The three layers; `onHeader` is told of libxc's headers when they are read. */
export const saveFormats = (onHeader?: OnLibxcHeader): readonly Format[] => {
  const libxc = libxcFormat(onHeader);
  const libxl = libxlFormat(libxc);
  return [xlFormat(libxl), libxl, libxc];
};

/** Looks at the first bytes only, decompressed if need be. What cannot be read is none. */
export const isSaveStream = async (source: ByteSource): Promise<boolean> => {
  const cursor = new ByteCursor(decompressed(source));
  const format = await recognised(cursor, saveFormats());
  await cursor.close();
  return E.isRight(format);
};
