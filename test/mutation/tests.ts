/** The tests of mutation runs: the fast ones that say most of the mutated code. */
export const TESTS: readonly string[] = [
  'test/host/**/*.test.ts',
  'test/stream/*.test.ts',
  'test/stream/{framing,schema,lint}/**/*.test.ts',
  'test/stream/spec/{ksy-text,stream-spec}.test.ts',
  'test/liveupdate/*.test.ts',
  'test/liveupdate/save/*.test.ts',
  'test/properties/{bite,state-rules}.test.ts',
  'test/mutation/*.mutation.ts',
];
