/** Running updates in tests: defaults, and the steps and hosts that came by. */
import { type Design, defaultDesign } from '../../src/design/design.ts';
import { versionOf, type XenVersion } from '../../src/design/versions.ts';
import type { Host } from '../../src/host/host.ts';
import { type Outcome, type RunStep, runUpdate } from '../../src/trace/run-update.ts';

/** A version that the tests name is described, or the test is wrong. */
export const version = (id: string): XenVersion => {
  const v = versionOf(id);
  if (v === null) throw new Error(`no version ${id}`);
  return v;
};

export interface RunOptions {
  readonly from?: string;
  readonly to?: string;
  readonly imageFrames?: number;
  readonly gnttabMaxVersion?: number;
  readonly design?: Design;
  readonly commandLine?: string;
}

export interface Ran {
  readonly outcome: Outcome;
  readonly steps: readonly RunStep[];
}

/** The whole update of a host, with every step kept: for small hosts. */
export const ran = (host: Host, options: RunOptions = {}): Ran => {
  const steps: RunStep[] = [];
  const { build } = host.xen;
  const outcome = runUpdate(
    {
      host,
      from: version(options.from ?? build.version),
      build: {
        ...build,
        version: options.to ?? build.version,
        imageFrames: options.imageFrames ?? build.imageFrames,
        gnttabMaxVersion: options.gnttabMaxVersion ?? build.gnttabMaxVersion,
      },
      commandLine: options.commandLine ?? 'console=com1',
      design: options.design ?? defaultDesign,
    },
    (step) => steps.push(step),
  );
  return { outcome, steps };
};

/** The host after an update that must have gone through. */
export const updated = (host: Host, options: RunOptions = {}): Host => {
  const { outcome, steps } = ran(host, options);
  const last = steps[steps.length - 1];
  if (outcome.kind !== 'resumed' || last === undefined)
    throw new Error(`not resumed: ${'what' in outcome ? outcome.what : JSON.stringify(outcome)}`);
  return last.host;
};
