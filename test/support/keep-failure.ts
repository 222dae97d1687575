/**
 * What a test prints when a random case violates a property: the case, its
 * seed and path, the steps with the objects before and after, and the file
 * that `xen-lu replay` takes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { Property } from '../../properties/suite/property.ts';
import { type Tried, violationText } from '../../properties/suite/try.ts';
import { replayText } from '../../src/report/replay-text.ts';
import { wrap } from '../../src/report/text.ts';
import { playerOf, replay } from '../../src/search/replay.ts';
import { encodeTrace } from '../../src/trace/trace-file.ts';

type Failure = Extract<Tried, { holds: false }>;

/** Ignored by git. */
const FOLDER = '.xen-lu/failures';

/** Writes the trace of a failure and says everything about it; `root` is where the folder goes. */
export const keepFailure = async (p: Property, t: Failure, root = '.'): Promise<string> => {
  const said = violationText(p, t)
    .split('\n')
    .flatMap((line) => wrap(line, 4));
  const again = `xen-lu campaign --case ${p.id},${t.seed},${t.path}`;
  const { trace } = t.violation;
  if (trace === null) return [...said, '', 'To see it again:', `  ${again}`].join('\n');
  const player = await playerOf(trace);
  const found = { ...trace, found: { property: p.id, seed: t.seed, path: t.path } };
  const file = join(root, FOLDER, `${p.id}-${t.seed}.json`);
  mkdirSync(join(root, FOLDER), { recursive: true });
  writeFileSync(file, encodeTrace(found));
  const shown = isLeft(player) ? player.left : replayText(found, replay(found, player.right));
  const commands = ['To see it again:', `  xen-lu replay ${file}`, `  ${again}`];
  return [...said, '', shown, '', ...commands].join('\n');
};
