/** `npm run scopes`: every scope to its last state, which takes minutes. */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/properties/scopes/*.scopes.ts'] },
});
