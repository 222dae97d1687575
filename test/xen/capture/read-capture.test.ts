import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Either } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCapture } from '../../../src/xen/capture/read-capture.ts';
import type { CaptureError, Reading } from '../../../src/xen/capture/reading.ts';
import { FIXTURES } from '../console/fixtures.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xen-lu-capture-'));
});
afterAll(() => rm(folder, { recursive: true }));

const mustRead = (result: Either<CaptureError, Reading>): Reading => {
  if (result._tag === 'Left') expect.fail(JSON.stringify(result.left, undefined, 1));
  return result.right;
};
const mustRefuse = (result: Either<CaptureError, Reading>): CaptureError => {
  if (result._tag === 'Right') expect.fail('the capture was read');
  return result.left;
};
const read = async (name: string): Promise<Reading> =>
  mustRead(await readCapture(join(FIXTURES, name)));
const text = (name: string): Promise<string> => readFile(join(FIXTURES, name), 'latin1');
const count = async (name: string, pattern: RegExp): Promise<number> =>
  (await text(name)).split(/\r?\n/).filter((line) => pattern.test(line)).length;

const GRANT = /0x[0-9a-f]{5,9} +0+x?x?[0-9a-f]{7,9} .*0x+19/;
const PORT = /\]: +s+=\d n=\d+ x=0/;

describe.each(['A-dom0-only', 'B-one-pv-guest', 'C-many-guests'])('%s', (name) => {
  test.each(['', '/xl-dmesg.txt', '/serial-conswitch-qge.txt', '/keys/q.txt', '/keys'])(
    'reads %s and all its lines',
    async (part) => {
      const reading = await read(name + part);
      const { domainInfo, grantTables, eventChannels } = reading.sources;
      const inFile = (file: string): string => file.slice(FIXTURES.length);
      const grants = reading.grantTables.flatMap(({ entries }) => entries);
      const ports = reading.eventChannels.flatMap((channels) => channels.ports);
      expect(grants).toHaveLength(await count(inFile(grantTables.file), GRANT));
      expect(ports).toHaveLength(await count(inFile(eventChannels.file), PORT));
      expect(reading.domains).toHaveLength(await count(inFile(domainInfo.file), /General info/));
      expect(reading.version).toMatchObject({ major: 4, minor: 17, text: '4.17.7' });
      expect(reading.boot.e820).toHaveLength(10);
      expect(reading.boot.hap).toBe(true);
      expect(reading.scheduler).toBe('credit2');
      expect(reading.memory.numa?.domains).toHaveLength(reading.domains.length);
    },
  );
});

test('the first log of a folder is xl dmesg', async () => {
  const { sources } = await read('C-many-guests');
  expect(sources.domainInfo.file).toBe(join(FIXTURES, 'C-many-guests/xl-dmesg.txt'));
});

test('a digit that only other dumps of the host can tell is read with them', async () => {
  // 0x000000011 in row 0x2ee is 1 or 17: keys/g.txt shows the same row.
  const reading = await read('C-many-guests/keys/star-all-diagnostics.txt');
  const entry = reading.grantTables[1]?.entries.find(({ ref }) => ref === 0x2ee);
  expect(entry?.pin).toBe(1);
  const alone = join(folder, 'alone.txt');
  await writeFile(alone, await text('C-many-guests/keys/star-all-diagnostics.txt'), 'latin1');
  const { problems } = mustRefuse(await readCapture(alone));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ file: alone, line: 568 });
});

test.each([
  '01-create-paused-after',
  '01-create-paused-before',
  '04-xl-pause-after',
  '05-xl-unpause-before',
  '06-domctl-pause-unpause-after',
  '12-domctl-destroy-B-256M-before',
  '20-whole-lifecycle-mid',
])('the three dumps of %s', async (moment) => {
  const files = ['q', 'g', 'e'].map((key) => `traces/keys/${moment}-${key}.txt`);
  const [q = '', g = '', e = ''] = files;
  for (const file of files) {
    const reading = await read(file);
    expect(reading.domains).toHaveLength(await count(q, /General info/));
    expect(reading.grantTables.flatMap(({ entries }) => entries)).toHaveLength(
      await count(g, GRANT),
    );
    expect(reading.eventChannels.flatMap(({ ports }) => ports)).toHaveLength(await count(e, PORT));
    expect(reading.contradictions).toEqual([]);
  }
});

describe('companions of a capture', () => {
  test('names, types, states and reasons', async () => {
    const { companions } = await read('C-many-guests');
    const facts = companions.domains.map(({ domid, name, type, state, shutdownReason }) => [
      domid,
      name,
      type,
      state,
      shutdownReason,
    ]);
    expect(facts).toEqual([
      [0, 'Domain-0', 'pv', 'r-----', undefined],
      [1, 'pv1', 'pv', '-b----', undefined],
      [2, 'pv2', 'pv', '--p---', undefined],
      [3, 'pv3-off', 'pv', '---s--', 0],
      [4, 'pv-crash', 'pv', '---sc-', 3],
      [5, 'pvgrub', 'pv', '--p---', undefined],
      [6, 'pvhgrub', 'pvh', 'r-----', undefined],
      [7, 'pvh1', undefined, '--psc-', 3],
    ]);
    expect(companions.domains[2]).toMatchObject({
      maxMemKiB: 65536,
      targetMemKiB: 49152,
      maxVcpus: 2,
      pciDevices: 0,
      uuid: '9c9fe721-06c8-47fc-8dc8-d32a89c5d0e2',
    });
  });

  test('a garbage row is unreadable, not a domain', async () => {
    const { companions } = await read('C-many-guests');
    const file = join(FIXTURES, 'C-many-guests/dom0/xl-list-v.txt');
    expect(companions.unreadable).toEqual([{ file, line: 2 }]);
  });

  test('a domain that only xl lists contradicts the dump', async () => {
    const { contradictions } = await read('C-many-guests');
    expect(contradictions.map(({ what }) => what)).toEqual([
      'domain 7 is listed by xl, but not in the q dump',
    ]);
    expect(contradictions[0]?.sources.map(({ line }) => line)).toEqual([9, 9]);
  });

  test('lsevtchn, grant sizes and xl info', async () => {
    const { companions } = await read('C-many-guests');
    const dom0 = companions.lsevtchn.find(({ domid }) => domid === 0);
    expect(dom0?.ports).toHaveLength(await count('C-many-guests/dom0/lsevtchn-0.txt', /VCPU/));
    const unbound = companions.lsevtchn.find(({ domid }) => domid === 3)?.ports.at(-1);
    expect(unbound).toMatchObject({ port: 9, binding: { kind: 'unbound', remote: 0 } });
    expect(companions.grantSizes.map(({ domid, frames }) => [domid, frames])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 2],
      [4, 1],
      [5, 1],
      [6, 1],
    ]);
    expect(companions.info).toMatchObject({ nrCpus: 2, nrNodes: 1, totalMemoryMiB: 3071 });
    expect(companions.info?.virtCaps).toContain('gnttab-v2');
  });

  test('whatever differs is a contradiction with both places', async () => {
    const copy = join(folder, 'changed');
    await cp(join(FIXTURES, 'C-many-guests'), copy, { recursive: true });
    const change = async (name: string, from: string, to: string): Promise<void> => {
      const file = join(copy, 'dom0', name);
      const before = await readFile(file, 'latin1');
      expect(before).toContain(from);
      await writeFile(file, before.replace(from, to), 'latin1');
    };
    await change('lsevtchn-1.txt', 'Virtual IRQ 0', 'Virtual IRQ 3');
    await change('lsevtchn-2.txt', '   2: VCPU 0', '   2: VCPU 1');
    await change('lsevtchn-4.txt', '   4: VCPU 0: IPI\n', '  44: VCPU 0: IPI\n');
    await change('xen-diag.txt', 'domid=2: nr_frames=3', 'domid=2: nr_frames=4');
    await change(
      'xl-info.txt',
      'xen_version            : 4.17.7',
      'xen_version            : 4.18.0',
    );
    await change('xl-list-l.json', '"type": "pvh"', '"type": "pv"');
    await change('xl-list.txt', '    2     --p---', '    3     -b----');
    await change('xl-list-v.txt', '34bf11e1-07d2', '34bf11e1-ffff');
    const { contradictions } = mustRead(await readCapture(copy));
    const found = contradictions.map(({ what }) => what);
    for (const part of [
      'port 3 of domain 1 is virq 0 by key e, virq 3 by lsevtchn',
      'port 2 of domain 2 notifies vCPU 0 by key e, 1 by lsevtchn',
      'port 4 of domain 4 is ipi by key e, free by lsevtchn',
      'port 44 of domain 4 is free by key e, ipi by lsevtchn',
      'the grant table of domain 2 has 3 frames by key g, 4 by xen-diag',
      'Xen is 4.17.7 by the console, 4.18.0 by xl info',
      'domain 6 is translated by key q, of type pv by xl',
      'domain 2 has pause_count=1 by key q, is not paused by xl',
      'domain 2 has 2 vCPUs by key q, 3 by xl',
    ]) {
      expect(found).toContain(part);
    }
    expect(found.some((what) => what.startsWith('domain 1 is 34bf11e1-07d2'))).toBe(true);
    for (const { sources } of contradictions) expect(sources.length).toBeGreaterThan(0);
  });
});

describe('what cannot be read', () => {
  const refused = async (name: string, bytes: string | Uint8Array): Promise<CaptureError> => {
    const file = join(folder, name);
    await writeFile(file, bytes);
    return mustRefuse(await readCapture(file));
  };

  test('no such file', async () => {
    const { problems } = mustRefuse(await readCapture(join(folder, 'absent')));
    expect(problems[0]?.what).toBe('cannot be read: no such file or folder');
  });

  test('an empty file, binary noise, text', async () => {
    const noise = Uint8Array.from({ length: 100_000 }, (_, index) => (index * index * 31) % 256);
    for (const bytes of ['', noise, 'no console here\n']) {
      const { problems } = await refused('noise', bytes);
      expect(problems.map(({ what }) => what.slice(0, 11))).toEqual(Array(3).fill('no dump of '));
    }
  });

  test('a folder without logs, and one with dumps of several moments', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const { problems } = mustRefuse(await readCapture(empty));
    expect(problems[0]?.what).toBe('a folder without a console log');
    const several = mustRefuse(await readCapture(join(FIXTURES, 'traces/keys')));
    expect(several.problems[0]?.what).toBe('a folder with dumps of several moments');
  });

  test('a truncated xz file', async () => {
    const head = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04);
    const { problems } = await refused('cut.txt.xz', head);
    expect(problems[0]?.what).toContain('xz');
  });

  test('at most 20 problems are listed, the others counted', async () => {
    const log = await text('C-many-guests/xl-dmesg.txt');
    const { problems, omitted } = await refused('many.txt', log.replaceAll(' 0x0000000', ' 0x00?'));
    expect(problems).toHaveLength(20);
    expect(omitted + 20).toBe(await count('C-many-guests/xl-dmesg.txt', GRANT));
  });

  test('a log cut anywhere is refused or read, and never as more than it says', async () => {
    const whole = await text('B-one-pv-guest/xl-dmesg.txt');
    for (let length = 0; length < whole.length; length += 1777) {
      const file = join(folder, 'cut.txt');
      await writeFile(file, whole.slice(0, length), 'latin1');
      const result = await readCapture(file);
      if (result._tag === 'Left') continue;
      const ports = result.right.eventChannels.map((channels) => channels.ports.length);
      expect(ports).toEqual([35, 10]);
    }
  });
});
