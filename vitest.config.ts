import { defineConfig } from 'vitest/config';

// The reporter of vitest 5 groups failures with Map.groupBy, which Node has
// only since 21; without it Node 20 would hide every failure behind an error.
if (!('groupBy' in Map))
  Object.defineProperty(Map, 'groupBy', {
    value: <T, K>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> => {
      const groups = new Map<K, T[]>();
      let index = 0;
      for (const item of items) {
        const key = keyOf(item, index++);
        groups.set(key, [...(groups.get(key) ?? []), item]);
      }
      return groups;
    },
  });

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The default leaves a core idle, which is half of two.
    maxWorkers: '100%',
    // Nothing that tests share keeps state: a worker reads the model once, not for each file.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
