import { fc } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { parseConsole } from '../../../src/xen/console/parse-console.ts';
import { factsOf, linesOf, mustRead, mustRefuse } from './fixtures.ts';
import { plainHost, plainPort, printHost } from './xen-prints.ts';

const parse = (lines: readonly string[]) => parseConsole(lines, 'log');
const NAME = 'C-many-guests/xl-dmesg.txt';
/** The three dumps of the capture, without those that follow. */
const LINES = linesOf(NAME).slice(
  0,
  linesOf(NAME).findIndex((line) => line.includes('Physical memory')) + 1,
);
const FACTS = factsOf(mustRead(parse(LINES)));

/** Every place in a log at which a letter of a fixed word stands. */
const letterPlaces = LINES.flatMap((line, index) =>
  [...line.matchAll(/[A-Za-z]{3,}/g)]
    .filter(([word]) => !/^[0-9a-f]+$/.test(word))
    .flatMap((word) => Array.from(word[0], (_, offset) => ({ index, at: word.index + offset }))),
);

/** Every character of the rows of `pattern`. */
const placesIn = (pattern: RegExp, from: number) =>
  LINES.flatMap((line, index) =>
    pattern.test(line)
      ? Array.from({ length: line.length - from }, (_, offset) => ({ index, at: from + offset }))
      : [],
  );

const edited = (place: FaultPlace, edit: string, letter = '#'): string[] =>
  LINES.map((line, index) => {
    if (index !== place.index) return line;
    const [before, at, after] = [
      line.slice(0, place.at),
      line[place.at] ?? '',
      line.slice(place.at + 1),
    ];
    if (edit === 'doubled') return before + at + at + after;
    return edit === 'lost' ? before + after : before + letter + after;
  });

/** A log with a fault says the same as without, or is refused there. */
const sameOrRefused = (place: FaultPlace, edit: string): 'same' | 'named' | 'refused' => {
  const result = parse(edited(place, edit));
  if (result._tag === 'Right') {
    // Values that are left out or contradicted are named; no other differs.
    const { damaged, contradictions } = result.right;
    if (damaged.length > 0 || contradictions.length > 0) return 'named';
    expect(factsOf(result.right)).toEqual(FACTS);
    return 'same';
  }
  expect(result.left.length).toBeGreaterThan(0);
  return 'refused';
};

type FaultPlace = { readonly index: number; readonly at: number };

/** What becomes of some of the places, chosen the same way every time. */
const outcomes = (places: readonly FaultPlace[], edit: string, runs: number): string[] =>
  fc
    .sample(fc.constantFrom(...places), { numRuns: runs, seed: 20 })
    .map((place) => sameOrRefused(place, edit));

describe('one fault in a real log', () => {
  test.each(['doubled', 'lost', 'changed'])('a letter of a fixed word %s is repaired', (edit) => {
    const runs = 120;
    expect(outcomes(letterPlaces, edit, runs)).toEqual(Array(runs).fill('same'));
  });

  test.each(['doubled', 'lost'])('any character of a grant row %s', (edit) => {
    // Grants of PV guests say everything twice or in a fixed width.
    const rows = placesIn(/\[0x[0-9a-f]{3}\] {6}0 0x13[ec]/, 6);
    const same = outcomes(rows, edit, 60).filter((outcome) => outcome === 'same');
    expect(same.length).toBeGreaterThan(30);
  });

  test.each(['doubled', 'lost'])('any character of an interdomain port %s', (edit) => {
    // Both ends of a channel name each other.
    const channels = placesIn(/s=3 n=\d x=0 d=\d p=\d/, 6);
    expect(outcomes(channels, edit, 60)).toContain('same');
  });

  test.each(['doubled', 'lost'])('any character of a page or handle line %s', (edit) => {
    expect(outcomes(placesIn(/XenPage|handle=/, 6), edit, 60)).toContain('same');
  });

  test.each(['doubled', 'lost'])('any character of a heading %s', (edit) => {
    const headings = placesIn(/for domain \d|belonging to domain|for remote/, 6);
    expect(outcomes(headings, edit, 60)).toContain('same');
  });
});

describe('what is said of a repair or a refusal', () => {
  const host = printHost(plainHost());
  const at = (piece: string, from = 0): number =>
    host.findIndex((line, index) => index >= from && line.includes(piece));
  const replaced = (from: string, to: string): string[] =>
    host.map((line) => line.replace(from, to));

  test('a repair has place, text before and after, and the reason', () => {
    const { repairs } = mustRead(parse(replaced('pause_flags', 'pause_fflags')));
    expect(repairs[0]).toEqual({
      file: 'log',
      line: at('pause_flags') + 1,
      was: '(XEN)     pause_count=0 pause_fflags=0',
      readAs: '(XEN) pause_count=0 pause_flags=0',
      because: 'fixed text',
    });
  });

  test('a damaged prefix is a repair too', () => {
    const lines = host.map((line) =>
      line.includes('handle=') ? line.replace('XEN', 'XXEN') : line,
    );
    expect(mustRead(parse(lines)).repairs).toHaveLength(2);
    const doubled = host.map((line) => (line.includes('handle=') ? `(${line}` : line));
    expect(mustRead(parse(doubled)).repairs).toHaveLength(2);
  });

  test('blanks are not', () => {
    const lines = host.map((line) => line.replace('(XEN) ', '(XEN)    ').replace(' 0x', '   0x'));
    expect(mustRead(parse(lines)).repairs).toEqual([]);
  });

  test('an ambiguous digit is refused with both readings', () => {
    const [problem] = mustRefuse(parse(replaced('0x00000002', '0x000000022')));
    expect(problem).toMatchObject({ file: 'log', line: at('[0x008]') + 1 });
    expect(problem?.what).toContain('0x00000022');
    expect(problem?.what).toContain('0x00000002 ');
    expect(problem?.hint).toContain('xl debug-keys');
  });

  test('an ambiguous affinity refuses nothing', () => {
    const lines = host.map((line) => line.replace('soft={0-3}', 'soft={0-}'));
    const reading = mustRead(parse(lines));
    expect(reading.damaged).toHaveLength(2);
    expect(reading.domains[1]?.vcpus[0]?.softAffinity).toBeUndefined();
    expect(reading.domains[1]?.vcpus).toHaveLength(1);
  });

  test('all problems are listed, not only the first', () => {
    const lines = host.map((line) =>
      line.replace('pause_flags=', 'pa_fgs=').replace('handle=', 'hae='),
    );
    expect(mustRefuse(parse(lines)).length).toBeGreaterThanOrEqual(4);
  });
});

describe('digits that the rest of the dump shows to be wrong', () => {
  const guest = plainHost({ vcpus: 2 });
  guest.ports[0] = {
    domid: 0,
    ports: [plainPort(1), plainPort(2, { state: 3, tail: ' d=1 p=1' }), plainPort(3), plainPort(4)],
  };
  const host = printHost(guest);
  const FACTS_HERE = factsOf(mustRead(parse(host)));
  test.each([
    ['a vCPU with a leading zero', '   1 [0/0/  -   ]: s=6 n=0', '   1 [0/0/  -   ]: s=6 n=00'],
    ['a vCPU number', 'VCPU1:', 'VCPU11:'],
    ['a port out of order', '   2 [', '  22 ['],
    ['the other end of a channel', ' d=0 p=2', ' d=0 p=22'],
    ['the domain of a channel', ' d=1 p=1', ' d=11 p=1'],
    [
      'a domain in its first heading',
      'General information for domain 1',
      'General information for domain 11',
    ],
    ['a domain in another heading', 'NODE affinity for domain 1', 'NODE affinity for domain 11'],
    ['the granter', 'remote d1 ', 'remote d11 '],
    [
      'the domain of ports',
      'channel information for domain 1',
      'channel information for domain 11',
    ],
    ['a machine frame', '0x13ec28 0x0', '0x13eec28 0x0'],
    ['a lost digit of a frame', '0x13ec28 0x0', '0x13c28 0x0'],
    ['a reference beyond the table', '[0x008]', '[0x0008]'],
    ['flags', ' 0x19', ' 0x119'],
    ['pages beyond the maximum', 'nr_pages=8192 xenheap_pages=1', 'nr_pages=81922 xenheap_pages=1'],
    ['pages of the Xen heap', 'nr_pages=8192 xenheap_pages=1', 'nr_pages=8192 xenheap_pages=11'],
  ])('%s', (_, from, to) => {
    const lines = host.map((line) => line.replace(from, to));
    expect(lines).not.toEqual(host);
    const result = parse(lines);
    if (result._tag === 'Left') {
      expect(result.left[0]?.line).toBe(lines.findIndex((line, index) => line !== host[index]) + 1);
      return;
    }
    expect(factsOf(result.right)).toEqual(FACTS_HERE);
    expect(result.right.repairs).toHaveLength(1);
  });
});

test('noise of any kind never throws', () => {
  const line = fc.oneof(
    fc.constantFrom(...LINES),
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc
      .constantFrom(...LINES)
      .chain((text) =>
        fc.integer({ min: 0, max: text.length }).map((length) => text.slice(0, length)),
      ),
  );
  for (const lines of fc.sample(fc.array(line, { maxLength: 120 }), { numRuns: 60, seed: 25 })) {
    const result = parse(lines);
    if (result._tag === 'Left') expect(result.left.length).toBeGreaterThan(0);
  }
});
