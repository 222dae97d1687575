/** All commands, in the order of the help text. */
import type { Command } from '../command.ts';
import { check } from './check.ts';
import { importCommand } from './import.ts';

export const COMMANDS: readonly Command[] = [check, importCommand];
