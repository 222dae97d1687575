/** All commands, in the order of the help text. */
import type { Command } from '../command.ts';
import { ablate } from './ablate.ts';
import { check } from './check.ts';
import { compare } from './compare.ts';
import { importCommand } from './import.ts';
import { scenarios } from './scenarios.ts';

export const COMMANDS: readonly Command[] = [check, importCommand, ablate, compare, scenarios];
