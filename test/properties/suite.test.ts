/** Every property of the suite on its default budget of random cases, with a fixed seed. */
import { describe, expect, test } from 'vitest';
import { SUITE } from '../../properties/suite/index.ts';
import { tryProperty, violationText } from '../../properties/suite/try.ts';
import { defaultDesign } from '../../src/design/design.ts';

const SEED = 2021;

describe('of random hosts and histories', () => {
  test.each(SUITE.map((p) => [p.id, p] as const))('%s', (_id, p) => {
    const tried = tryProperty(p, { design: defaultDesign, seed: SEED });
    expect(tried.holds ? '' : violationText(p, tried)).toBe('');
    expect(tried.runs).toBe(p.runs);
  });
});
