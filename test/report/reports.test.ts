/** JUnit and SARIF: well formed, with the parts that readers rely on, whatever the texts hold. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junit } from '../../src/report/junit.ts';
import type { ReportCase } from '../../src/report/results.ts';
import { sarif } from '../../src/report/sarif.ts';

const CASES: readonly ReportCase[] = [
  { suite: 'campaign', id: 'round-trip', title: '50 cases' },
  {
    suite: 'museum',
    id: "without R12'",
    title: 'a < b & "c"',
    failure: { message: 'lives', text: 'line 1\n]]> line 2', file: 'out dir/failures/x.json' },
  },
];

/** Takes XML apart: throws if it is not well formed; the elements in their order. */
const elementsOf = (xml: string): { name: string; attributes: Record<string, string> }[] => {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  const token = /<\?xml[^>]*\?>|<(\/?)(\w+)((?: \w+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let m = token.exec(xml); m !== null && at < xml.length; m = token.exec(xml)) {
    at = token.lastIndex;
    const [, close, name, attributes, empty, text] = m;
    if (text !== undefined && /&(?!amp;|lt;|gt;|quot;|apos;|#\d+;)/.test(text))
      throw new Error(`a bare & in ${text}`);
    if (name === undefined) continue;
    if (close === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    const pairs = [...(attributes ?? '').matchAll(/ (\w+)="([^"]*)"/g)];
    found.push({ name, attributes: Object.fromEntries(pairs.map((p) => [p[1], p[2]])) });
    if (empty !== '/') open.push(name);
  }
  if (at !== xml.length || open.length > 0) throw new Error(`stops at ${xml.slice(at, at + 40)}`);
  return found;
};

const anyText = fc.string({ unit: 'binary', maxLength: 30 });
const anyCase: fc.Arbitrary<ReportCase> = fc.record(
  {
    suite: anyText,
    id: anyText,
    title: anyText,
    failure: fc.record({ message: anyText, text: anyText, file: anyText }),
  },
  { requiredKeys: ['suite', 'id', 'title'] },
);

describe('JUnit', () => {
  const elements = elementsOf(junit(CASES));

  test('counts what was tried and what failed, in all and in each suite', () => {
    const [all, first, , second] = elements;
    expect(all).toEqual({
      name: 'testsuites',
      attributes: { name: 'xen-lu', tests: '2', failures: '1', errors: '0' },
    });
    expect(first?.attributes).toMatchObject({ name: 'campaign', tests: '1', failures: '0' });
    expect(second?.attributes).toMatchObject({ name: 'museum', tests: '1', failures: '1' });
  });

  test('names each case, and escapes what XML would misread', () => {
    const cases = elements.filter((e) => e.name === 'testcase');
    expect(cases.map((c) => c.attributes['name'])).toEqual([
      'round-trip: 50 cases',
      'without R12&apos;: a &lt; b &amp; &quot;c&quot;',
    ]);
    expect(elements.at(-1)).toEqual({
      name: 'failure',
      attributes: { message: 'lives', type: 'violated' },
    });
    expect(junit(CASES)).toContain('line 1\n]]&gt; line 2');
  });

  test('is well formed whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 4 }), (cases) => {
        const made = elementsOf(junit(cases));
        expect(made.filter((e) => e.name === 'testcase')).toHaveLength(cases.length);
      }),
      { seed: 2021, numRuns: 300 },
    );
  });
});

describe('SARIF', () => {
  interface Sarif {
    readonly version: string;
    readonly $schema: string;
    readonly runs: readonly {
      readonly tool: {
        readonly driver: {
          readonly name: string;
          readonly version: string;
          readonly rules: readonly { readonly id: string }[];
        };
      };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string };
            readonly region: { readonly startLine: number };
          };
        }[];
      }[];
    }[];
  }
  const { version, $schema, runs } = JSON.parse(sarif(CASES, '0.1.0')) as Sarif;
  const [run] = runs;

  test('is of version 2.1.0, with the tool and a rule for each case', () => {
    expect([version, runs.length]).toEqual(['2.1.0', 1]);
    expect($schema).toContain('sarif-2.1.0');
    expect(run?.tool.driver).toMatchObject({ name: 'xen-lu', version: '0.1.0' });
    expect(run?.tool.driver.rules.map((r) => r.id)).toEqual([
      'campaign/round-trip',
      "museum/without R12'",
    ]);
  });

  test('has a result for each failure, that points at its rule and a file', () => {
    expect(run?.results).toHaveLength(1);
    const [result] = run?.results ?? [];
    expect(result).toMatchObject({ level: 'error', ruleIndex: 1, ruleId: "museum/without R12'" });
    expect(run?.tool.driver.rules[result?.ruleIndex ?? -1]?.id).toBe(result?.ruleId);
    const place = result?.locations[0]?.physicalLocation;
    expect(place).toEqual({
      artifactLocation: { uri: 'out%20dir/failures/x.json' },
      region: { startLine: 1 },
    });
  });

  test('is JSON with valid places whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 4 }), (cases) => {
        const [made] = (JSON.parse(sarif(cases, '1')) as Sarif).runs;
        for (const r of made?.results ?? [])
          expect(r.locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/^[!-~]*$/);
      }),
      { seed: 2021, numRuns: 300 },
    );
  });
});
