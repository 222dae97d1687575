/** A trace as the source of a vitest test that pins what it shows. */
import type { Replayed } from '../trace/replayed.ts';
import { encodeTrace, type Trace } from '../trace/trace-file.ts';
import { designText } from './replay-text.ts';
import { wrap } from './text.ts';

/** Where the printed test belongs, and so where it finds the sources. */
export const TEST_FOLDER = 'test/regressions';
const REPLAY = '../../src/search/replay.ts';

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** A fault that was put in, a mutant or a changed design, must stay noticed. */
const isPutIn = (trace: Trace): boolean =>
  trace.mutant !== undefined || designText(trace) !== 'default';

const comment = (lines: readonly string[]): string[] => [
  '/**',
  ...lines.flatMap((l) => wrap(l, 0, 72)).map((l) => ` * ${l}`.trimEnd()),
  ' */',
];

/**
 * The source of a test. Of the design as it is, the trace must break nothing:
 * the test fails until the defect is mended. With a fault put in, the trace
 * must break what it broke.
 */
export const asTest = (trace: Trace, r: Replayed): string => {
  const put = isPutIn(trace);
  const where = trace.mutant ?? designText(trace);
  const name = put
    ? `${where}: this trace breaks ${r.violates.join(', ') || 'nothing'}`
    : `this trace breaks nothing${r.violates.length > 0 ? `; it broke ${r.violates.join(', ')}` : ''}`;
  return [
    ...comment([
      `Pins a trace of ${trace.events.length} events, Xen ${trace.from.id} -> ${trace.to.id}, ` +
        `design: ${designText(trace)}.`,
      ...r.offenders.slice(0, 3),
      `Belongs into ${TEST_FOLDER}/. Written by xen-lu replay FILE --as-test.`,
    ]),
    "import { expect, test } from 'vitest';",
    `import { replayJson } from ${quoted(REPLAY)};`,
    '',
    'const TRACE = JSON.parse(String.raw`',
    encodeTrace(trace).trimEnd().replace(/`/g, '\\u0060').replace(/\$\{/g, '\\u0024{'),
    '`);',
    '',
    `test(${quoted(name)}, async () => {`,
    '  const replayed = await replayJson(TRACE);',
    put
      ? `  expect(replayed.violates).toEqual([${r.violates.map(quoted).join(', ')}]);`
      : '  expect(replayed.offenders).toEqual([]);',
    '});',
    '',
  ].join('\n');
};
