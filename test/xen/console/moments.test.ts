import { describe, expect, test } from 'vitest';
import { parseConsole } from '../../../src/xen/console/parse-console.ts';
import { factsOf, linesOf, mustRead, mustRefuse, textOf } from './fixtures.ts';
import { plainHost, printE, printG, printHost, printQ, withPrefix } from './xen-prints.ts';

const parse = (lines: readonly string[]) => parseConsole(lines, 'log');
const host = (nrPages: number) => plainHost({ nrPages });
const pagesOf = (lines: readonly string[]): number | undefined =>
  mustRead(parse(lines)).domains[1]?.nrPages;
const q = (nrPages: number): string[] => withPrefix(printQ(host(nrPages).domains));
const g = withPrefix(printG(host(1).tables));
const e = withPrefix(printE(host(1).ports));

describe('which moment is read', () => {
  test('the last of several', () => {
    expect(pagesOf([...printHost(host(1)), ...printHost(host(2)), ...printHost(host(3))])).toBe(3);
  });

  test('the last for which all three are complete', () => {
    const cut = g.slice(0, -2);
    expect(pagesOf([...printHost(host(1)), ...q(2), ...cut])).toBe(1);
    expect(pagesOf([...printHost(host(1)), ...q(2), ...g])).toBe(1);
    expect(pagesOf([...printHost(host(1)), ...q(2), ...g, ...e.slice(0, 3)])).toBe(1);
    expect(pagesOf([...printHost(host(1)), ...q(2).slice(0, 30)])).toBe(1);
  });

  test('in any order of keys, with other keys between', () => {
    const other = ['(XEN) *********** VMCB Areas **************', "(XEN) 'x' pressed -> y"];
    expect(pagesOf([...e, ...other, ...g, ...q(4)])).toBe(4);
    expect(pagesOf([...g, ...q(4), ...other, ...e])).toBe(4);
  });

  test('a key pressed again after its dump was cut', () => {
    expect(pagesOf([...q(5), ...g.slice(0, 5), ...g, ...e])).toBe(5);
  });

  test('none if the only complete dumps are of different moments', () => {
    const lines = [...q(1), ...g, ...q(2), ...g.slice(0, 5), "(XEN) 'x' pressed -> y", ...e];
    expect(mustRefuse(parse(lines))[0]?.what).toContain('of different moments');
  });

  test('the ones after the last boot have its boot messages', () => {
    const boot = (version: string): string => `(XEN) Xen version ${version} (x@y) (gcc) debug=n`;
    const lines = [
      boot('4.15.1'),
      ...printHost(host(1)),
      boot('4.17.7'),
      ...printHost(host(2)),
      boot('4.18.0'),
    ];
    const reading = mustRead(parse(lines));
    expect(reading.version?.text).toBe('4.17.7');
    expect(reading.domains[1]?.nrPages).toBe(2);
  });

  test('says where it was', () => {
    const { sources } = mustRead(parse(['x', ...q(1), ...g, ...e]));
    expect(sources.domainInfo).toEqual({
      file: 'log',
      firstLine: 2,
      lastLine: q(1).length + 1,
      closedBy: 'terminator',
    });
    expect(sources.grantTables.lastLine).toBe(1 + q(1).length + g.length);
    expect(sources.eventChannels.closedBy).toBe('end-of-file');
  });
});

describe('a log as people paste it', () => {
  const name = 'C-many-guests/xl-dmesg.txt';
  const lines = linesOf(name);
  const facts = factsOf(mustRead(parse(lines)));
  const same = (changed: readonly string[]): void => {
    expect(factsOf(mustRead(parse(changed)))).toEqual(facts);
  };

  test('without the prefix', () => same(lines.map((line) => line.replace(/^\(XEN\) /, ''))));
  test('without the prefix and the indentation', () =>
    same(lines.map((line) => line.replace(/^\(XEN\) +/, ''))));
  test('with carriage returns and NULs', () =>
    same(lines.map((line) => `\0${line.replace('e', 'e\0')}\r\r`)));
  test('with dates', () =>
    same(lines.map((line) => line.replace('(XEN) ', '(XEN) [2026-11-23 17:38:20] '))));
  test('with dates and milliseconds', () =>
    same(lines.map((line) => line.replace('(XEN) ', '(XEN) [2026-11-23 17:38:20.123] '))));
  test('with the time since boot', () =>
    same(lines.map((line) => line.replace('(XEN) ', '(XEN) [  123.456789] '))));
  test('with the cycle counter', () =>
    same(lines.map((line) => line.replace('(XEN) ', '(XEN) [0000001f3a2b4c5d] '))));
  test('from a log daemon', () =>
    same(lines.map((line) => `Nov 23 17:38:20 host hypervisor[7]: ${line}`)));
  test('with two lines on one', () => {
    const at = lines.findIndex((line) => line.includes('VCPU information'));
    const [one = '', two = ''] = lines.slice(at, at + 2);
    same(lines.toSpliced(at, 2, one + two));
  });
  test('with lines of guests, of dom0 and of Xen between', () => {
    const noise = [
      '(d1) mapping kernel into physical memory',
      '[   12.345678] xen-blkback: backend/vbd/1/51712: prepare for reconnect',
      '(XEN) HVM d6v0 save: CPU',
      '(XEN) d1v0 Unexpected write to MSR 0x000000c0 0x0000000000000001',
      '(XEN) emul-priv-op.c:1003:d0v1 RDMSR 0xc0011020 unimplemented',
      '',
      'root@host:~# xl dmesg',
      '\x1b[0;32m*** terminal\x1b[0m',
    ];
    same(lines.flatMap((line, index) => [line, noise[index % noise.length] ?? '']));
  });
  test('with a wrapped ring: the log starts inside a dump', () => {
    const tail = (key: string): string[] =>
      lines.slice(lines.findIndex((line) => line.includes(key)));
    for (const start of ['XenPage', '[0x217]', 'Event channel information for domain 2']) {
      same([tail(start)[0]?.slice(20) ?? '', ...tail(start).slice(1, 40), ...lines]);
    }
  });
});

test('a dump that lost its head has a start, if that is domain 0', () => {
  const lines = printHost(host(6)).filter((line) => !line.includes('pressed'));
  expect(pagesOf(lines)).toBe(6);
  const problems = mustRefuse(parse(lines.slice(1)));
  expect(problems[0]?.what).toContain('the log starts inside');
});

test('truncation at any byte is an answer or a reason, and never a wrong answer', () => {
  const text = textOf('traces/keys/01-create-paused-after-q.txt')
    .concat(textOf('traces/keys/01-create-paused-after-g.txt'))
    .concat(textOf('traces/keys/01-create-paused-after-e.txt'));
  const whole = mustRead(parse(text.split('\n')));
  const facts = factsOf(whole);
  for (let bytes = 0; bytes < text.length; bytes++) {
    const result = parse(text.slice(0, bytes).split('\n'));
    if (result._tag === 'Left') expect(result.left.length).toBeGreaterThan(0);
    else expect(factsOf(result.right)).toEqual(facts);
  }
});

test.each([
  ['nothing', ['']],
  ['text', ['hello', 'world']],
  ['bytes', Array.from({ length: 500 }, (_, n) => String.fromCharCode(n % 256).repeat(n % 90))],
])('%s is refused with three problems', (_, lines) => {
  expect(mustRefuse(parse(lines)).map(({ what }) => what)).toEqual([
    'no dump of the domain information (xl debug-keys q)',
    'no dump of the grant tables (xl debug-keys g)',
    'no dump of the event channels (xl debug-keys e)',
  ]);
});
