/**
 * Where a run first does what the full design would not have done: the same
 * events are played under both, side by side. This is what tells a reader
 * which step the missing rule would have prevented or made differently.
 */
import { isDeepStrictEqual } from 'node:util';
import { initialTransition, transition } from 'xstate';
import { liveUpdate } from '../../../machines/live-update.ts';
import type { UpdateMachine } from '../../../properties/mutant.ts';
import { type Design, defaultDesign } from '../../design/design.ts';
import { type Difference, diffHosts, EXACT } from '../../host/diff.ts';
import type { Host } from '../../host/host.ts';
import { emulatesForUnparked, isParked, parksLate } from '../../liveupdate/pause.ts';
import { hostOf, newUpdate } from '../../liveupdate/update.ts';
import { definitionOf, type LuRecord } from '../../stream/records/registry.ts';
import { type Snapshot, topState } from '../../trace/schedule.ts';
import type { Trace } from '../../trace/trace-file.ts';
import type { WorldEvent } from '../../world/world.ts';
import type { Divergence } from './recording.ts';

/** Lines told, differences looked for, characters of a value. */
const MAX_LINES = 6;
const MAX_FOUND = 64;
const MAX_VALUE = 60;

export const isFull = (design: Design): boolean =>
  design.dropped.length === 0 &&
  Object.entries(defaultDesign.policies).every(
    ([question, answer]) => design.policies[question as keyof Design['policies']] === answer,
  );

const hex = (n: number): string => `0x${n.toString(16)}`;

/** Values that are not short are named, not shown: who wants them has the command line. */
const valueText = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null && 'kind' in value) return `a ${value.kind} page`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}...` : text;
};

const placeText = (path: string): string =>
  path
    .replace(/^xen\.domains\.(\d+)/, 'd$1')
    .replace(/^hardware\.content\.(0x[0-9a-f]+)/, 'frame $1')
    .replace(/^xen\.frames\.(0x[0-9a-f]+)/, 'frame $1')
    .replace(/^hardware\.|^xen\./, '')
    .replaceAll('.', ' ');

const differenceText = (d: Difference): string =>
  `${placeText(d.path)}: ${valueText(d.before)} here, ${valueText(d.after)} under the full design`;

const LOST = /^hardware\.content\.(0x[0-9a-f]+)$/;

/** Pages whose content is destroyed here, in one line. */
const lostText = (found: readonly Difference[]): string[] => {
  const frames = found.flatMap((d) =>
    d.before === undefined ? (LOST.exec(d.path)?.[1] ?? []) : [],
  );
  if (frames.length === 0) return [];
  return [
    `what was in ${frames.length === 1 ? 'frame' : 'frames'} ${frames.slice(0, MAX_LINES).join(', ')}` +
      `${frames.length > MAX_LINES ? ' and more' : ''} is destroyed here, and kept under the full design`,
  ];
};

/** Where xen#2 wrote, if not to the same places. */
const writesText = (here: Host, full: Host): string[] => {
  const text = ({ hardware, xen }: Host): string =>
    hardware.xenWrites
      .filter((w) => w.instance === xen.instance)
      .map(
        ({ frames, use }) =>
          `${hex(frames.start)}-${hex(frames.start + frames.count - 1)} (${use})`,
      )
      .join(', ') || 'nowhere';
  return text(here) === text(full)
    ? []
    : [`xen#2 writes to frames ${text(here)} here; to ${text(full)} under the full design`];
};

const hostDifferences = (here: Host, full: Host): string[] => {
  const found = diffHosts(here, full, { ...EXACT, limit: MAX_FOUND });
  const rest = found.filter(
    (d) =>
      !d.path.startsWith('hardware.xenWrites') && !(d.before === undefined && LOST.test(d.path)),
  );
  return [...writesText(here, full), ...lostText(found), ...rest.map(differenceText)];
};

const start = (machine: UpdateMachine, trace: Trace, design: Design): Snapshot => {
  const [s] = initialTransition(machine, newUpdate(trace.host, trace.from, design));
  return s as Snapshot;
};

const next = (machine: UpdateMachine, s: Snapshot, event: WorldEvent): Snapshot =>
  transition(machine, s, { ...event })[0] as Snapshot;

/** What a domain that may not be parked yet is still needed for. */
const neededFor = (full: Snapshot, event: WorldEvent): string[] => {
  if (event.type !== 'lu.park') return [];
  const host = hostOf(full.context.world);
  const d = host.xen.domains[event.domid];
  if (d === undefined || isParked(d)) return [];
  if (emulatesForUnparked(host, d))
    return [`d${d.domid} still emulates devices for a domain that runs (R14)`];
  return parksLate(host, d) ? [`d${d.domid} is parked when all others are (R15)`] : [];
};

/** Why the full design does not take an event here. */
const whyNot = (full: Snapshot, event: WorldEvent): string[] => {
  const { obstacles, refusals } = full.context.world;
  return [
    `under the full design the update is at "${topState(full)}"`,
    ...neededFor(full, event),
    ...obstacles.map((o) => `${o.where}: ${o.what} (${o.sources.join(', ')})`),
    ...refusals.map((r) => `refused: ${r}`),
  ];
};

/** Records of the stream that are missing, additional, or hold something else; with what they carry. */
const recordDifferences = (here: readonly LuRecord[], full: readonly LuRecord[]): string[] => {
  const names = new Set([...here, ...full].map((r) => r.name));
  return [...names].flatMap((name) => {
    const [a, b] = [here, full].map((list) => list.filter((r) => r.name === name));
    if (isDeepStrictEqual(a, b)) return [];
    const how =
      a?.length === b?.length ? 'hold something else' : `are ${a?.length}, not ${b?.length}`;
    return [
      `records ${name} of the stream ${how} here. They carry: ${definitionOf(name).doc.what}`,
    ];
  });
};

const differences = (here: Snapshot, full: Snapshot, event: WorldEvent): string[] => {
  const [a, b] = [here.context.world, full.context.world];
  if (topState(here) !== topState(full))
    return [`here the update goes to "${topState(here)}"`, ...whyNot(full, event)];
  return [
    ...(a.crash?.what === b.crash?.what ? [] : [`here xen#2 stops: ${a.crash?.what ?? 'no'}`]),
    ...recordDifferences(a.records, b.records),
    ...hostDifferences(hostOf(a), hostOf(b)),
  ].slice(0, MAX_LINES);
};

/**
 * The first step that differs; null: none does, or the design is the full one
 * and the machine the model's own.
 */
export const divergenceOf = (trace: Trace, machine: UpdateMachine): Divergence | null => {
  if (isFull(trace.design) && machine === liveUpdate) return null;
  let here = start(machine, trace, trace.design);
  let full = start(liveUpdate, trace, defaultDesign);
  for (const [i, event] of trace.events.entries()) {
    const taken = here.can({ ...event });
    if (taken && !full.can({ ...event }))
      return { step: i + 1, kind: 'forbids', lines: whyNot(full, event) };
    here = next(machine, here, event);
    full = next(liveUpdate, full, event);
    const lines = differences(here, full, event);
    if (lines.length > 0) return { step: i + 1, kind: 'differs', lines };
  }
  return null;
};
