/**
 * What `inspect` and `report` can be asked for: a scenario, scope or bug by
 * its id, a trace file, or a capture, whose update is run once in the order
 * of the fair scheduler.
 */
import { stat } from 'node:fs/promises';
import { type Either, left, mapLeft, right } from 'fp-ts/lib/Either.js';
import { loadScenarios } from '../../../properties/scenario.ts';
import { type BadInput, oneProblem } from '../../check/result.ts';
import { GENERAL } from '../../search/general-scopes.ts';
import { ofFile } from './of-file.ts';
import { ofExhibit, ofScenario, ofScope } from './of-model.ts';
import type { Subject, SubjectOptions } from './subject.ts';

const DEFAULT_SCOPE = 'mixed';

/** Finds out what is meant: a scope or scenario by its id first, then a file or folder. */
export const findSubject = async (
  name: string = DEFAULT_SCOPE,
  options: SubjectOptions = {},
): Promise<Either<BadInput, Subject>> => {
  const scope = GENERAL.find((s) => s.id === name);
  if (scope !== undefined) return right(ofScope(scope));
  const scenario = (await loadScenarios()).find((s) => s.id === name);
  if (scenario !== undefined) {
    options.onProgress?.(`searching ${name}`);
    return right(await ofScenario(scenario));
  }
  const shown = await ofExhibit(name);
  if (shown !== null) return mapLeft((what: string) => oneProblem(name, what))(shown);
  const isThere = await stat(name).then(
    () => true,
    () => false,
  );
  if (!isThere)
    return left(
      oneProblem(
        name,
        'no scenario, scope, bug, trace or capture of this name',
        `scopes are ${GENERAL.map((s) => `"${s.id}"`).join(', ')}; xen-lu scenarios and xen-lu museum list the others`,
      ),
    );
  return ofFile(name, options);
};
