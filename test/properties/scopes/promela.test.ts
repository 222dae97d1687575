import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { loadInvariants } from '../../../properties/registry.ts';
import { exploring } from '../../../properties/scope.ts';
import { designWith } from '../../../properties/scope-answers.ts';
import type { Policies } from '../../../src/design/policies.ts';
import { exportPromela } from '../../../src/explore/index.ts';
import { exhaust, readModel } from '../../explore/promela-reader.ts';
import { COUNTS } from './counts.ts';
import { scopeOf } from './exhaust.ts';

/** The model of a scope under these answers, as `xen-lu export` prints it. */
const modelOf = async (id: string, policies: Partial<Policies>): Promise<string> => {
  const scope = { ...(await scopeOf(id)), designs: [designWith(policies)] };
  const { machine, options } = exploring(scope, await loadInvariants());
  const exported = exportPromela(machine, options);
  if (isLeft(exported)) throw new Error(exported.left);
  return exported.right;
};

test('a scope as a model for SPIN has as many states, and asserts nothing that fails', async () => {
  const model = await modelOf('channel', {});
  expect(model).toContain('/* context.host.xen.domains.1.events: ');
  expect(exhaust(readModel(model))).toEqual({
    states: COUNTS['channel']?.states,
    fails: false,
  });
});

test('a scope that breaks an invariant breaks it in its model', async () => {
  const model = await modelOf('tasklet', { Q2: 'abandon' });
  expect(model).toContain('assert(false) /* I2.1 */');
  expect(exhaust(readModel(model)).fails).toBe(true);
});

test('a scope of too many cases has no model, and that is said', async () => {
  const { machine, options } = exploring(await scopeOf('destroy'), await loadInvariants());
  expect(exportPromela(machine, { ...options, maxStates: 100 })).toEqual({
    _tag: 'Left',
    left: 'the exploration ends with incomplete',
  });
});
