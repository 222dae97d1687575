#!/usr/bin/env node
/** Entry point of `xen-lu`: this process as its arguments, output and exit status. */
import { xenLu } from './xen-lu.ts';

// A reader that closes the pipe early ("| head") is no error.
process.stdout.on('error', () => undefined);
process.exitCode = await xenLu(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  terminal: process.stderr,
  clock: () => performance.now(),
});
