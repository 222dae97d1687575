/** A run in the terminal: one line of fixed width for each step, and a legend. */
import type { AnimatedStep, StandsAt } from '../trace/animate.ts';
import { WIDTH, wrap } from './text.ts';

/** Letters by the beginning of a state's path; the first that fits, so the special come first. */
type Letters = readonly (readonly [path: string, letter: string, meaning: string])[];

const DOMAIN: Letters = [
  ['absent', '.', 'not there'],
  ['gone', '.', ''],
  ['crossing.inStream', '=', 'in the stream'],
  ['crossing', 'm', 'being made by xen#2'],
  ['dead.zombie', 'Z', 'zombie'],
  ['dead.destroyed', 'W', 'waits for RCU'],
  ['dying', 'D', 'dying'],
  ['alive.xen.parked', 'L', 'parked for the update'],
  ['alive.shutdown.complete', 'S', 'shut down'],
  ['alive.shutdown.deferred', 's', 'shutting down'],
  ['alive.controller.created', 'C', 'created, never run'],
  ['alive.scheduling.stopped', 'P', 'paused'],
  ['alive', 'R', 'running'],
];

const VCPU: Letters = [
  ['absent', '.', ''],
  ['crossing.inStream', '=', ''],
  ['crossing', 'm', ''],
  ['present.power.offline', 'o', 'offline'],
  ['present.activity.hypercall', 'h', 'preempted in a hypercall'],
  ['present.activity.tasklet', 't', 'waits for a tasklet'],
  ['present.activity.ioreq.completing', 'c', 'completes an ioreq'],
  ['present.activity.ioreq', 'i', 'waits for an ioreq'],
  ['present.activity.suspended', 'l', 'late to a shutdown'],
  ['present.activity.waitQueue', 'w', 'on a wait queue'],
  ['present.activity.blocked', 'b', 'blocked'],
  ['present.activity.polling', 'p', 'polling'],
  ['present.pause.paused', 'x', 'paused'],
  ['present', 'g', 'in the guest'],
];

const letterOf = (letters: Letters, states: readonly string[]): string =>
  letters.find(([path]) => states.some((s) => s === path || s.startsWith(`${path}.`)))?.[1] ?? '?';

/** vCPUs of a domain that have a letter. */
const MAX_VCPUS = 4;

const cellOf = (d: StandsAt): string =>
  letterOf(DOMAIN, d.domain) +
  d.vcpus
    .slice(0, MAX_VCPUS)
    .map((states) => letterOf(VCPU, states))
    .join('');

const legendOf = (letters: Letters): string =>
  letters
    .filter(([, , meaning]) => meaning !== '')
    .map(([, letter, meaning]) => `${letter} ${meaning}`)
    .join(', ');

const EVENT = 27;
const WHO = 6;
const STATE = 10;
const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}~` : text.padEnd(width);

const whoOf = ({ event }: AnimatedStep): string => {
  if (event.type.startsWith('restore.') || event.type.startsWith('xen2.')) return 'xen#2';
  if ('caller' in event) return `d${event.caller}v${event.vcpu}`;
  if (event.type.startsWith('emulator.')) return 'model';
  if ('domid' in event && 'vcpu' in event) return `d${event.domid}v${event.vcpu}`;
  return 'xen';
};

/** Which domain it is about, where that is not its own caller's. */
const aboutOf = ({ event }: AnimatedStep): string => {
  if (!('domid' in event) || ('vcpu' in event && !('caller' in event))) return '';
  return ` d${event.domid}`;
};

const INDENT = 4 + 2 + EVENT + 1 + WHO + 1 + STATE + 1;

/** As many domains as a line has room for. */
const fitting = (domains: readonly StandsAt[]): readonly StandsAt[] => {
  let width = INDENT;
  return domains.filter((d) => {
    width += 2 + Math.max(String(d.domid).length + 1, cellOf(d).length);
    return width <= WIDTH;
  });
};

const row = (domains: readonly StandsAt[], text: (d: StandsAt) => string): string =>
  fitting(domains)
    .map((d) => text(d).padEnd(Math.max(String(d.domid).length + 1, cellOf(d).length)))
    .join('  ');

/** What the letters mean, and the names of the columns. */
export const runHead = (domains: readonly StandsAt[]): string => {
  const hidden = domains.length - fitting(domains).length;
  return [
    ...wrap(`Domain: ${legendOf(DOMAIN)}.`, 2),
    ...wrap(`vCPU: ${legendOf(VCPU)}.`, 2),
    ...(hidden > 0 ? [`Not shown: ${hidden} more domains.`] : []),
    '',
    `${'step'}  ${'event'.padEnd(EVENT)} ${'who'.padEnd(WHO)} ${'update'.padEnd(STATE)} ` +
      row(domains, (d) => `d${d.domid}`).trimEnd(),
  ].join('\n');
};

/** One step; what the charts do not agree about with the host follows in lines of its own. */
export const runLine = (step: AnimatedStep): string =>
  [
    `${String(step.n).padStart(4)}  ${cut(step.event.type + aboutOf(step), EVENT)} ` +
      `${cut(whoOf(step), WHO)} ${cut(step.update, STATE)} ${row(step.domains, cellOf)}`.trimEnd(),
    ...step.disagree.flatMap((text) => wrap(`      AGR-1: ${text}`, 8)),
  ].join('\n');
