/** docs/invariants.md says what the files say. With -u it is written anew. */
import { expect, test } from 'vitest';
import { loadMutants } from '../../properties/mutant.ts';
import { loadInvariants } from '../../properties/registry.ts';
import { headingOf, invariantsPage } from '../../src/report/invariants-page.ts';

const invariants = await loadInvariants();
const page = invariantsPage(invariants, await loadMutants());

test('every invariant has its place in the docs', async () => {
  for (const i of invariants) expect(page).toContain(`${headingOf(i)}\n`);
  expect(page).toMatch(/; B23\s\(/);
  await expect(page).toMatchFileSnapshot('../../docs/invariants.md');
});
