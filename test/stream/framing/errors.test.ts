/** Each error of the frame, in words and with the fact that it breaks. */
import { expect, it } from 'vitest';
import {
  describeFramingError,
  type FramingError,
  hex,
  ruleOfFramingError,
} from '../../../src/stream/framing/errors.ts';
import { findingOf } from '../../../src/stream/lint/finding.ts';

const header = { kind: 'bad-header', offset: 8, got: '3', expected: '2' } as const;

it.each<[FramingError, string, string]>([
  [
    { kind: 'truncated', offset: 8, what: 'body', wanted: 9, available: 2 },
    'F1.13',
    'body cut short: 9 bytes wanted, 2 left',
  ],
  [
    { kind: 'record-too-long', offset: 8, type: 26, length: 99, limit: 98 },
    'F1.13',
    'record 0x1a of 99 bytes, limit 98',
  ],
  [{ kind: 'unencodable', offset: 8, reason: 'type 2^32' }, 'F1.13', 'type 2^32'],
  [
    { kind: 'nonzero-padding', offset: 8, type: 26 },
    'F10.3',
    'padding after record 0x1a is not zero',
  ],
  [
    { kind: 'unknown-mandatory', offset: 8, type: 26 },
    'F10.3',
    'mandatory record 0x1a is not known',
  ],
  [{ ...header, field: 'domain type' }, 'F10.2', 'domain type is 3, not 2'],
  [{ ...header, field: 'image version' }, 'F10.1', 'image version is 3, not 2'],
  [
    { kind: 'source-failed', offset: 8, reason: 'disk on fire' },
    'input',
    'input failed: disk on fire',
  ],
])('%o', (error, rule, message) => {
  expect(ruleOfFramingError(error)).toBe(rule);
  expect(describeFramingError(error)).toBe(message);
  // Only bad padding leaves a stream readable.
  const severity = error.kind === 'nonzero-padding' ? 'warning' : 'error';
  expect(findingOf(error)).toEqual({ severity, offset: 8, rule, message });
});

it('numbers have as many digits as are asked for, or more', () => {
  expect([hex(26), hex(26, 8), hex(2n ** 64n - 1n, 4)]).toEqual([
    '0x1a',
    '0x0000001a',
    '0xffffffffffffffff',
  ]);
});
