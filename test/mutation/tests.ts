/**
 * The tests of mutation runs: the fast ones that say most of the mutated code,
 * or those that XEN_LU_TESTS names, patterns with blanks between them.
 */
export const TESTS: readonly string[] = process.env.XEN_LU_TESTS?.split(' ') ?? [
  'test/host/**/*.test.ts',
  'test/stream/*.test.ts',
  'test/stream/{framing,schema,lint}/**/*.test.ts',
  'test/stream/spec/{ksy-text,stream-spec}.test.ts',
  'test/liveupdate/*.test.ts',
  'test/liveupdate/save/*.test.ts',
  'test/properties/{bite,holds,state-rules}.test.ts',
  'test/properties/invariants/*.test.ts',
  'test/search/scenarios.test.ts',
  'test/machines/live-update.test.ts',
  'test/world/becomes.test.ts',
  'test/hypercalls/{apply,deferred,domain-kill,domctl,event-channel}.test.ts',
  'test/hypercalls/{grant,memory,preempted-calls,soft-reset}.test.ts',
  'test/xen/migration/{rules,table-check,unusual}.test.ts',
  'test/mutation/*.mutation.ts',
];
