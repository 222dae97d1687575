import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Which room may import from which. A room may always import from itself.
 * `src/explore` stands alone: it could be its own package.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/host': [],
  'src/design': ['src/host'],
  'src/stream': ['src/design', 'src/host'],
  'src/hypercalls': ['src/stream', 'src/design', 'src/host'],
  'src/liveupdate': ['src/hypercalls', 'src/stream', 'src/design', 'src/host'],
  'src/world': ['src/liveupdate', 'src/hypercalls', 'src/design', 'src/host'],
  machines: [
    'src/world',
    'src/liveupdate',
    'src/hypercalls',
    'src/stream',
    'src/design',
    'src/host',
  ],
  'src/explore': [],
  'src/xen': ['src/stream', 'src/design', 'src/host'],
  'properties/suite': [
    'properties',
    'src/check',
    'src/trace',
    'src/world',
    'machines',
    'src/hypercalls',
    'src/liveupdate',
    'src/stream',
    'src/design',
    'src/host',
  ],
  'src/scope': ['src/world', 'src/liveupdate', 'src/hypercalls', 'src/design', 'src/host'],
  properties: [
    'src/scope',
    'src/explore',
    'src/world',
    'machines',
    'src/hypercalls',
    'src/liveupdate',
    'src/stream',
    'src/design',
    'src/host',
  ],
  'src/trace': [
    'src/world',
    'properties',
    'machines',
    'src/liveupdate',
    'src/hypercalls',
    'src/design',
    'src/host',
  ],
  'src/search': [
    'src/trace',
    'src/world',
    'properties',
    'machines',
    'src/liveupdate',
    'src/hypercalls',
    'src/design',
    'src/host',
  ],
  'src/vectors': [
    'src/trace',
    'machines',
    'src/liveupdate',
    'src/stream',
    'src/design',
    'src/host',
  ],
  'src/check': [
    'src/vectors',
    'src/world',
    'src/hypercalls',
    'src/trace',
    'properties',
    'machines',
    'src/xen',
    'src/liveupdate',
    'src/stream',
    'src/design',
    'src/host',
  ],
  'src/campaign': ['properties/suite', 'properties', 'src/trace', 'src/design'],
  'src/scaffold': [],
  'src/conform': ['src/xen', 'src/world', 'machines', 'src/stream', 'src/design', 'src/host'],
  'src/report': [
    'src/campaign',
    'src/conform',
    'src/check',
    'src/trace',
    'properties',
    'machines',
    'src/host',
    'src/design',
  ],
  'src/inspect': [
    'src/stream',
    'src/report',
    'src/search',
    'src/check',
    'src/trace',
    'src/world',
    'src/xen',
    'properties',
    'machines',
    'src/liveupdate',
    'src/hypercalls',
    'src/design',
    'src/host',
  ],
  // The page plays recordings: it knows their type and how charts are drawn, nothing of the model.
  'src/page': ['src/inspect', 'src/report'],
  'src/cli': [
    'src/campaign',
    'properties/suite',
    'src/inspect',
    'src/scaffold',
    'machines',
    'src/search',
    'src/design',
    'src/world',
    'src/report',
    'src/conform',
    'src/check',
    'src/vectors',
    'src/trace',
    'properties',
    'src/explore',
    'src/stream',
  ],
};

const ROOT = resolve(import.meta.dirname, '..');
const ROOMS = Object.keys(MAY_IMPORT);

const filesUnder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.ts'))
    .map((f) => join(folder, f));

const roomOf = (file: string): string | undefined =>
  ROOMS.find((room) => file === room || file.startsWith(`${room}${sep}`));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (m) => relative(ROOT, resolve(ROOT, dirname(file), m[1] as string)),
  );

test('arrows between the rooms run one way', () => {
  const files = ['src', 'machines', 'properties'].flatMap(filesUnder);
  expect(files.length).toBeGreaterThan(100);
  const wrong = files.flatMap((file) => {
    const room = roomOf(file);
    if (room === undefined) return [`${file}: in no room`];
    return importsOf(file)
      .map((target) => [target, roomOf(target)] as const)
      .filter(([, to]) => to !== room && !(MAY_IMPORT[room] as string[]).includes(to ?? ''))
      .map(([target]) => `${file} -> ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('what restores never sees what saved: no import of xen#1 from xen#2', () => {
  const restore = [
    ...filesUnder('src/liveupdate/restore'),
    'src/liveupdate/boot.ts',
    'src/liveupdate/reserve.ts',
  ];
  const forbidden = /liveupdate\/(save|update|boundary|compatibility)/;
  expect(restore.flatMap((f) => importsOf(f).filter((i) => forbidden.test(i)))).toEqual([]);
});

test('no file of the model reads a clock or rolls dice', () => {
  const model = [
    'src/host',
    'src/design',
    'src/stream',
    'src/hypercalls',
    'src/liveupdate',
    'machines',
    'properties',
  ];
  const wrong = model
    .flatMap(filesUnder)
    .filter((f) =>
      /\b(Date\.now|new Date|Math\.random|performance\.now|setTimeout|setInterval)\b/.test(
        readFileSync(join(ROOT, f), 'utf8'),
      ),
    );
  expect(wrong).toEqual([]);
});
