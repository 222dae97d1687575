/** An update of a host under the eyes of the invariants: what every way of checking does. */
import { isRight } from 'fp-ts/lib/Either.js';
import { AgreementWatch } from '../../properties/agreement.ts';
import type { Invariant, UpdateEvidence } from '../../properties/invariant.ts';
import type { UpdateMachine } from '../../properties/mutant.ts';
import { judge, judgeRefusal, showStep, startWatching } from '../../properties/registry.ts';
import type { Design } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import type { Host } from '../host/host.ts';
import type { XenBuild } from '../host/system.ts';
import { apply } from '../hypercalls/apply.ts';
import type { HostEvent } from '../hypercalls/events.ts';
import type { StepContext } from '../hypercalls/step.ts';
import { type Outcome, type RunStep, runUpdate } from '../trace/run-update.ts';
import { isHostEvent } from '../world/world.ts';
import type { CheckResult, CheckStep, InvariantResult } from './result.ts';
import { stepText } from './steps.ts';

export interface JudgeRequest {
  readonly host: Host;
  readonly from: XenVersion;
  readonly to: XenVersion;
  /** What xen#2 is besides its version; xen#1's own if absent. */
  readonly build?: Partial<XenBuild>;
  readonly design: Design;
  /** See `UpdateRequest`. */
  readonly machine?: UpdateMachine;
  readonly invariants: readonly Invariant[];
  readonly onProgress?: (what: string) => void;
  /** Called with each step, as it is run. */
  readonly onStep?: (step: RunStep) => void;
}

export interface Judged {
  readonly outcome: Outcome;
  readonly steps: readonly CheckStep[];
  readonly invariants: readonly InvariantResult[];
}

/** The host with a piece of deferred work done. */
const worked = (host: Host, event: HostEvent, context: StepContext): Host => {
  const done = apply(host, { ...event }, context);
  return isRight(done) ? done.right : host;
};

/** Runs the update to its end and asks every invariant that has something to say of it. */
export const updateAndJudge = (request: JudgeRequest): Judged => {
  const { host, from, to, design, invariants } = request;
  const onProgress = request.onProgress ?? (() => undefined);
  const watchers = startWatching(invariants, design);
  const agreements = new AgreementWatch();
  const steps: CheckStep[] = [];
  let after = host;
  // What a refusal is judged against: the host with the image, without and with the work done.
  let loaded = host;
  let calm = host;
  showStep(watchers, { type: 'start', domid: null, host, phase: 'idle' });
  const outcome = runUpdate(
    {
      host,
      from,
      build: { ...host.xen.build, ...request.build, version: to.id },
      commandLine: 'console=com1',
      design,
      ...(request.machine === undefined ? {} : { machine: request.machine }),
    },
    (step) => {
      const { event, host: now, during, phase } = step;
      agreements.see(event.type, step.agreement());
      request.onStep?.(step);
      const domid = 'domid' in event ? event.domid : undefined;
      const text = stepText(event);
      onProgress(text);
      steps.push({
        n: steps.length + 1,
        type: event.type,
        ...(domid === undefined ? {} : { domid }),
        text,
        phase: during,
      });
      after = now;
      if (event.type === 'kexec.load') [loaded, calm] = [now, now];
      else if (isHostEvent(event)) calm = worked(calm, event, { version: from, design });
      showStep(watchers, { type: event.type, domid: domid ?? null, host: now, phase });
    },
  );
  const agreement = agreements.judgement();
  if (outcome.kind === 'refused') {
    const refusal = { design, before: loaded, calm, after, reasons: outcome.reasons };
    const said = judgeRefusal(invariants, refusal);
    return { outcome, steps, invariants: agreement.holds ? said : [...said, agreement] };
  }
  onProgress('judging');
  const evidence: UpdateEvidence = {
    design,
    from,
    to,
    before: host,
    saved: outcome.saved,
    after,
    outcome: outcome.kind,
  };
  return { outcome, steps, invariants: [agreement, ...judge(invariants, evidence, watchers)] };
};

/** Where it went wrong, if it did. */
export const counterexampleOf = ({
  outcome,
  invariants,
  steps,
}: Judged): CheckResult['counterexample'] => {
  const broken = invariants.filter((i) => !i.holds);
  if (outcome.kind !== 'crashed' && broken.length === 0) return undefined;
  return {
    invariants: broken.map((i) => i.id),
    step: steps.length,
    what: [
      ...(outcome.kind === 'crashed' ? [`xen#2 stopped the host: ${outcome.what}`] : []),
      ...broken.flatMap((i) => (i.detail ?? []).map((d) => `${i.id} ${d}`)),
    ],
  };
};
