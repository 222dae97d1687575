/** What stands beside the vectors. */
import type { GoldenVector } from './golden-vectors.ts';

const COLUMNS = 75;

const filled = (text: string): string => {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] as string;
    if (line !== '' && line.length + 1 + word.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
};

const section = ({ name, what, stream }: GoldenVector): string =>
  [`## ${name}`, filled(what), `The stream has ${stream.length} octets.`].join('\n\n');

/** README.md of a folder of vectors: what the files are and how to use them. */
export const readmeText = (vectors: readonly GoldenVector[]): string =>
  `${[
    '# Golden vectors of Xen Live Update',
    filled(
      'Each vector is three files: a host, the Live Update stream that xen#1 makes of it, and the ' +
        'host as xen#2 has restored it and resumed its domains.',
    ),
    [
      '    NAME.host.json      before the update',
      '    NAME.lu             the stream, from image header to END',
      '    NAME.restored.json  after it',
      '    SHA256SUMS          to be checked with sha256sum -c',
    ].join('\n'),
    filled(
      'The stream is described in docs/stream.md and docs/liveupdate-stream.ksy, the host in ' +
        'docs/model.md. A frame table and the M2P are lists of [value, repeat].',
    ),
    [
      'An implementation of the save gets the host and must give those bytes.',
      'One of the restore gets the stream and `hardware` of the host: memory as',
      'it was left. It must arrive at the restored host, save for what no guest',
      'and no tool can see: where Xen keeps its own data, and which frames are',
      'free. Everything else of `xen` in the host is what it must not need.',
    ].join('\n'),
    ...vectors.map(section),
  ].join('\n\n')}\n`;
