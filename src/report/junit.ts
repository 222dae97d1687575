/** JUnit's XML, as CI servers read it: one test case for each thing that was tried. */
import type { ReportCase } from './results.ts';

/** Characters that XML 1.0 cannot hold, not even escaped. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

const text = (s: string): string =>
  s.replace(FORBIDDEN, '?').replace(/[&<>\r]/g, (c) => ESCAPES[c] as string);
const attribute = (s: string): string =>
  s.replace(FORBIDDEN, '?').replace(/[&<>"'\n\t\r]/g, (c) => ESCAPES[c] as string);

const caseText = ({ suite, id, title, failure }: ReportCase): string => {
  const head = `<testcase classname="${attribute(suite)}" name="${attribute(`${id}: ${title}`)}"`;
  if (failure === undefined) return `    ${head}/>`;
  const message = `message="${attribute(failure.message)}" type="violated"`;
  return `    ${head}>\n      <failure ${message}>${text(failure.text)}</failure>\n    </testcase>`;
};

/** The document; no times in it, so the same results give the same bytes. */
export const junit = (cases: readonly ReportCase[]): string => {
  const counts = (list: readonly ReportCase[]): string =>
    `tests="${list.length}" failures="${list.filter((c) => c.failure !== undefined).length}" errors="0"`;
  const suites = [...new Set(cases.map((c) => c.suite))];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="xen-lu" ${counts(cases)}>`,
    ...suites.flatMap((suite) => {
      const own = cases.filter((c) => c.suite === suite);
      return [
        `  <testsuite name="${attribute(suite)}" ${counts(own)}>`,
        ...own.map(caseText),
        '  </testsuite>',
      ];
    }),
    '</testsuites>',
    '',
  ].join('\n');
};
