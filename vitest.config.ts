import { dirname, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';
import { compiledFile, compiledProgram } from './test/support/compiled.ts';

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

/**
 * What tests import of the program is the compiled file, which Node loads
 * itself. In watch mode it is the source, so that a change is seen.
 */
const fromCompiled = (): Plugin => {
  let watches = false;
  let program: Promise<string> | null = null;
  return {
    name: 'compiled-program',
    enforce: 'pre',
    configureVitest: ({ vitest }) => {
      watches = vitest.config.watch;
    },
    resolveId: async (source, importer) => {
      if (watches || importer === undefined || !/^\.{1,2}\/.*\.ts$/.test(source)) return null;
      program ??= compiledProgram();
      return compiledFile(await program, resolve(dirname(importer), source));
    },
  };
};

export default defineConfig({
  plugins: [fromCompiled()],
  test: {
    include: ['test/**/*.test.ts'],
    // The default leaves a core idle, which is half of two.
    maxWorkers: '100%',
    // Nothing that tests share keeps state: a worker reads the model once, not for each file.
    isolate: false,
    // It would keep where the compiled files were, and go on with those of other sources.
    fsModuleCache: false,
    server: { deps: { external: [/\/\.xen-lu\/program\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
