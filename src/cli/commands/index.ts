/** All commands, in the order of the help text. */
import type { Command } from '../command.ts';
import { ablate } from './ablate.ts';
import { campaign } from './campaign.ts';
import { check } from './check.ts';
import { compare } from './compare.ts';
import { conform } from './conform.ts';
import { explore } from './explore.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { inspect } from './inspect.ts';
import { lint } from './lint.ts';
import { machines } from './machines.ts';
import { museum } from './museum.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { scenarios } from './scenarios.ts';
import { vacuity } from './vacuity.ts';
import { vectors } from './vectors.ts';
import { versions } from './versions.ts';

export const COMMANDS: readonly Command[] = [
  check,
  importCommand,
  lint,
  conform,
  versions,
  vectors,
  ablate,
  compare,
  scenarios,
  museum,
  campaign,
  vacuity,
  replay,
  explore,
  exportCommand,
  machines,
  run,
  inspect,
  report,
];
