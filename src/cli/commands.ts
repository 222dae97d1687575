/** The commands: take parsed arguments, call, print. No logic of the model here. */
import * as E from 'fp-ts/lib/Either.js';
import { checkCapture, importCapture } from '../check/check-capture.ts';
import type { CheckResult } from '../check/result.ts';
import { badInputText, checkText } from '../report/check-text.ts';
import { importText } from '../report/import-text.ts';
import { progressOn } from './progress.ts';

/** Exit statuses of every command. */
export const EXIT = { holds: 0, violated: 1, badInput: 2, refused: 3 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly terminal: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly clock: () => number;
}

export interface CheckArgs {
  readonly captures: readonly string[];
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly json: boolean;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** The worst status wins: bad input, then violated, then refused. */
const worst = (all: readonly Exit[]): Exit =>
  [EXIT.badInput, EXIT.violated, EXIT.refused].find((e) => all.includes(e)) ?? EXIT.holds;

export const runCheck = async (args: CheckArgs, io: Io): Promise<Exit> => {
  const results: CheckResult[] = [];
  const exits: Exit[] = [];
  for (const [i, capture] of args.captures.entries()) {
    const progress = progressOn(io.terminal, io.clock);
    const { from, to } = args;
    const checked = await checkCapture(capture, { from, to, onProgress: progress.tell });
    progress.done();
    if (E.isLeft(checked)) {
      io.err(badInputText(checked.left));
      exits.push(EXIT.badInput);
      continue;
    }
    results.push(checked.right);
    exits.push(EXIT[checked.right.verdict]);
    if (!args.json) io.out(`${i > 0 ? '\n' : ''}${checkText(checked.right)}`);
  }
  if (args.json) io.out(json(args.captures.length === 1 ? (results[0] ?? null) : results));
  return worst(exits);
};

export interface ImportArgs {
  readonly capture: string;
  readonly json: boolean;
}

export const runImport = async (args: ImportArgs, io: Io): Promise<Exit> => {
  const progress = progressOn(io.terminal, io.clock);
  const imported = await importCapture(args.capture, progress.tell);
  progress.done();
  if (E.isLeft(imported)) {
    io.err(badInputText(imported.left));
    return EXIT.badInput;
  }
  const { host, assumed, contradictions, reading } = imported.right;
  const value = {
    capture: args.capture,
    version: host.xen.build.version,
    domains: Object.values(host.xen.domains).map((d) => ({
      domid: d.domid,
      name: d.name,
      type: d.type,
      dying: d.dying,
      shutdown: d.shutdown,
      pauseCount: d.pauseCount,
      pages: d.totPages,
      xenheapPages: d.xenheapPages,
      vcpus: d.vcpus.length,
      eventChannels: d.events.channels,
      grants: d.grants.active,
      grantMappings: d.grants.maptrack,
    })),
    assumed,
    contradictions,
    repairs: reading.repairs,
  };
  io.out(args.json ? json(value) : importText(args.capture, imported.right));
  return EXIT.holds;
};
