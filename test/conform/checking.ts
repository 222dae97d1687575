/** Traces made by hand against the machines. */
import * as E from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { type ConformResult, conformBytes } from '../../src/conform/conform-trace.ts';
import { CALL, type Script, startGuest, withDom0 } from './script.ts';

export const conform = async (s: Script): Promise<ConformResult> => {
  const done = await conformBytes('made', [s.bytes()]);
  if (E.isLeft(done)) throw new Error(done.left.text);
  return done.right;
};

/** It must be accepted. */
export const accepted = async (s: Script): Promise<ConformResult> => {
  const result = await conform(s);
  expect(result.divergence).toBeNull();
  return result;
};

/** It must diverge so. */
export const diverges = async (s: Script, subject: string, did: RegExp): Promise<void> => {
  const { divergence } = await conform(s);
  expect(divergence?.subject).toBe(subject);
  expect(divergence?.did).toMatch(did);
};

/** Times that transitions from one state to another were surely taken. */
export const seen = (r: ConformResult, machine: string, from: string, to: string): number =>
  r.machines
    .find(({ name }) => name === machine)
    ?.transitions.filter((t) => t.from === from && t.to === to)
    .reduce((sum, t) => sum + t.seen, 0) ?? -1;

/** d1 runs on CPU 1, dom0's vCPU 1 is blocked. */
export const guest = (): Script => startGuest(withDom0(), 1);

/** The running guest suspends, as for `xl save`. */
export const suspended = (): Script =>
  guest().shutdown(1, 1, 0, 2).sleep(1, 1, 0).idle(1, 'offline');

/** dom0 destroys d1 while its vCPU is off its CPU. */
export const destroyed = (s: Script): Script => {
  s.call(0, CALL.domctl).sleep(0, 1, 0);
  for (let n = 0; n < 5; n++)
    s.record(0, 0x28011, 0, 0, 1000, 1000).record(0, 0x21002, 0).call(0, CALL.domctl);
  return s.call(0, CALL.iret);
};

/** Its last reference is dropped on a CPU, then RCU frees it. */
export const gone = (s: Script, cpu = 0): Script =>
  s.record(cpu, 0x41002, 1).wait(5000).record(cpu, 0x28002, 1);

/** Times that transitions of one event may have been taken, among other possibilities. */
export const possible = (r: ConformResult, machine: string, event: string): number =>
  r.machines
    .find(({ name }) => name === machine)
    ?.transitions.filter((t) => t.event === event)
    .reduce((sum, t) => sum + t.possible, 0) ?? -1;
