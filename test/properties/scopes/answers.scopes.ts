import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadInvariants } from '../../../properties/registry.ts';
import { Answers } from '../../../properties/scope-answers.ts';
import { PAGE, sectionOf, withSection, writtenSection } from './answers-page.ts';
import { COUNTS } from './counts.ts';
import { scopeOf } from './exhaust.ts';

test.each(Object.keys(COUNTS))('%s under every answer', { timeout: 3_600_000 }, async (id) => {
  const section = sectionOf(new Answers(await scopeOf(id), await loadInvariants()));
  if (process.env['XEN_LU_WRITE'] === '1')
    writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), id, section));
  expect(writtenSection(id)).toBe(section);
});
