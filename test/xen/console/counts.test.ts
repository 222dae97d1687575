import { describe, expect, test } from 'vitest';
import { parseConsole } from '../../../src/xen/console/parse-console.ts';
import { linesOf, mustRead, textOf } from './fixtures.ts';

/** Counts lines of a text without any knowledge of the parser. */
const count = (text: string, pattern: RegExp): number =>
  text.split(/\r?\n/).filter((line) => pattern.test(line)).length;

/** Loose enough to count damaged lines too, tight enough for the dumps. */
const GRANT = /0x[0-9a-f]{5,9} +0+x?x?[0-9a-f]{7,9} .*0x+19/;
const PORT = /\]: +s+=\d n=\d+ x=0/;

const LOGS = [
  'A-dom0-only/xl-dmesg.txt',
  'A-dom0-only/serial-conswitch-qge.txt',
  'A-dom0-only/keys/star-all-diagnostics.txt',
  'B-one-pv-guest/xl-dmesg.txt',
  'C-many-guests/xl-dmesg.txt',
  'C-many-guests/serial-conswitch-qge.txt',
] as const;

describe.each(LOGS)('%s', (name) => {
  const text = textOf(name);
  const reading = mustRead(parseConsole(linesOf(name), name));

  test('has as many domains, vCPUs, grants and ports as lines that show them', () => {
    const { domains, grantTables, eventChannels } = reading;
    expect(domains).toHaveLength(count(text, /General information for domain/));
    expect(domains.flatMap(({ vcpus }) => vcpus)).toHaveLength(count(text, /VCPU\d: CPU/));
    expect(domains.flatMap(({ pages }) => pages)).toHaveLength(count(text, /Xen+Page \d/));
    expect(grantTables).toHaveLength(count(text, /grant-table for remote/));
    expect(grantTables.flatMap(({ entries }) => entries)).toHaveLength(count(text, GRANT));
    expect(eventChannels).toHaveLength(count(text, /Event channel information/));
    expect(eventChannels.flatMap(({ ports }) => ports)).toHaveLength(count(text, PORT));
  });

  test('has as many interdomain ports as lines with s=3', () => {
    const ports = reading.eventChannels.flatMap((channels) => channels.ports);
    const interdomain = ports.filter(({ binding }) => binding.kind === 'interdomain');
    expect(interdomain).toHaveLength(count(text, /\]: +s+=3 .* d=\d+ p=\d+/));
  });

  test('sums up to the page counters as printed', () => {
    const printed = [...text.matchAll(/nr_pages=(\d+)/g)].map((match) => Number(match[1]));
    expect(reading.domains.map(({ nrPages }) => nrPages)).toEqual(printed);
  });

  test('agrees with itself', () => {
    expect(reading.contradictions).toEqual([]);
    expect(reading.skippedLines).toBe(0);
    // One rangeset and one interrupt of the serial lines have two readings.
    const noisy = /serial|star/.test(name);
    expect(reading.damaged.length).toBeLessThanOrEqual(noisy ? 1 : 0);
    if (!noisy) expect(reading.repairs).toEqual([]);
  });
});

test('values of a grant row, a port, a vCPU and a page are those printed', () => {
  const { domains, grantTables, eventChannels } = mustRead(
    parseConsole(linesOf('C-many-guests/xl-dmesg.txt'), 'c'),
  );
  const pvh = grantTables.find(({ granter }) => granter === 6);
  expect(pvh?.entries[1]).toMatchObject({
    ref: 1,
    grantee: 0,
    mfn: 0x13ae16,
    pin: 2,
    sharedGrantee: 0,
    sharedFrame: 0xfeffcn,
    status: 0x19,
  });
  expect(pvh).toMatchObject({ version: 1, frames: 1, maxFrames: 64, maxMaptrackFrames: 1024 });
  const pv2 = eventChannels.find(({ domid }) => domid === 2);
  expect(pv2?.ports.find(({ port }) => port === 18)).toMatchObject({
    pending: true,
    masked: false,
    link: { abi: 'fifo', word: 'present', busy: false, link: 20 },
    notifyVcpu: 0,
    binding: { kind: 'interdomain', remote: 0, remotePort: 45 },
  });
  const grub = eventChannels.find(({ domid }) => domid === 5);
  expect(grub?.ports[0]?.link).toEqual({ abi: '2l', selector: true });
  const guest = domains.find(({ domid }) => domid === 5);
  expect(guest).toMatchObject({ pauseCount: 1, nrPages: 4096, maxPages: 4352, vmAssist: 0 });
  expect(guest?.vcpus[0]).toMatchObject({
    cpu: 1,
    running: false,
    upcallPending: 1,
    upcallMask: 1,
    periodicTimer: { hz: 100, periodMs: 10 },
  });
  const hvm = domains.find(({ domid }) => domid === 6);
  expect(hvm?.paging).toEqual(['hap', 'refcounts', 'translate', 'external']);
  expect(hvm?.pod).toEqual({ entries: 0, cacheSize: 0 });
  expect(hvm?.pages[0]).toMatchObject({
    list: 'XenPage',
    mfn: 0x7fc59,
    countInfo: 0xc000000000000001n,
    typeInfo: 0xe400000000000001n,
  });
  expect(domains[0]?.rangesets.map(({ name }) => name)).toEqual([
    'Interrupts',
    'I/O Memory',
    'I/O Ports',
    'log-dirty',
  ]);
  expect(domains[0]?.rangesets[1]?.ranges).toEqual([
    [0, 0xfedff],
    [0xfef00, 0xfcfffff],
  ]);
});
