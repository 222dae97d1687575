import { defineConfig } from 'vitest/config';

// The fast tests that say most of the mutated code; the whole suite would take minutes a mutant.
export default defineConfig({
  test: {
    include: [
      'test/liveupdate/**/*.test.ts',
      'test/properties/bite.test.ts',
      'test/properties/state-rules.test.ts',
      'test/stream/*.test.ts',
      'test/stream/{framing,schema}/**/*.test.ts',
      'test/host/**/*.test.ts',
    ],
    exclude: ['test/liveupdate/captures/**'],
    testTimeout: 60_000,
  },
});
