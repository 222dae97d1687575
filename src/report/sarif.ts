/** SARIF 2.1.0, as code hosts read it: one rule for each thing tried, one result for each failure. */
import type { ReportCase, ReportFailure } from './results.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

const ruleId = ({ suite, id }: ReportCase): string => `${suite}/${id}`;

/** A path as a relative URI. */
const uriOf = (path: string): string => path.split(/[\\/]/).map(encodeURIComponent).join('/');

const resultOf = (
  c: ReportCase & { readonly failure: ReportFailure },
  ruleIndex: number,
): object => ({
  ruleId: ruleId(c),
  ruleIndex,
  level: 'error',
  message: { text: `${c.failure.message}\n${c.failure.text}` },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(c.failure.file) },
        region: { startLine: 1 },
      },
      logicalLocations: [{ fullyQualifiedName: ruleId(c) }],
    },
  ],
  partialFingerprints: { case: `${ruleId(c)}: ${c.failure.message}` },
});

/** The document, for cases each of which is there once; `version` is the program's. */
export const sarif = (cases: readonly ReportCase[], version: string): string => {
  const document = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'xen-lu',
            version,
            rules: cases.map((c) => ({ id: ruleId(c), shortDescription: { text: c.title } })),
          },
        },
        results: cases.flatMap((c, i) =>
          c.failure === undefined ? [] : [resultOf({ ...c, failure: c.failure }, i)],
        ),
      },
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};
