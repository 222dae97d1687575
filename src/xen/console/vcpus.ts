/** The vCPU lines of a domain in the `q` dump. */
import type { Ranges, VcpuReading } from '../capture/reading.ts';
import type { Match } from './form.ts';
import { type KeptLine, type Notes, problemAt } from './notes.ts';
import type { DomainForm } from './section-forms.ts';
import { at, dec, hex, ranges } from './values.ts';

type DomainMatch = Match<DomainForm>;

/** A vCPU whose lines are still being read. */
interface OpenVcpu {
  readonly line: KeptLine;
  readonly match: DomainMatch;
  readonly unit: OpenUnit | undefined;
  paging: string | undefined;
  pause: readonly [number, number] | undefined;
  hard: Ranges | undefined;
  soft: Ranges | undefined;
  timer: { readonly hz: number; readonly periodMs: number } | undefined | 'missing';
}

interface OpenUnit {
  readonly id: number;
  readonly hard: Ranges | undefined;
  readonly soft: Ranges | undefined;
}

/** Gathers the vCPUs of one domain, line by line. */
export interface VcpuGatherer {
  /** True if the line was one of a vCPU. */
  readonly take: (match: DomainMatch, line: KeptLine) => boolean;
  readonly count: () => number;
  /** Hard affinity of the unit that the next vCPU belongs to. */
  readonly affinity: () => Ranges | undefined;
  readonly done: (debugPorts: ReadonlyMap<number, number>) => readonly VcpuReading[];
}

export const gatherVcpus = (notes: Notes): VcpuGatherer => {
  const vcpus: OpenVcpu[] = [];
  let unit: OpenUnit | undefined;
  const take = (match: DomainMatch, line: KeptLine): boolean => {
    const { values } = match;
    const vcpu = vcpus.at(-1);
    switch (match.form.name) {
      case 'unit':
        unit = { id: dec(values, 0), hard: cpus(values, 1), soft: cpus(values, 2) };
        return true;
      case 'vcpu':
      case 'vcpuDirty':
        vcpus.push({
          line,
          match,
          unit,
          paging: undefined,
          pause: undefined,
          hard: unit?.hard,
          soft: unit?.soft,
          timer: 'missing',
        });
        return true;
      case 'vcpuAffinity':
        if (vcpu !== undefined) [vcpu.hard, vcpu.soft] = [cpus(values, 0), cpus(values, 1)];
        return true;
      case 'vcpuPause':
        if (vcpu !== undefined) vcpu.pause = [dec(values, 0), hex(values, 1)];
        return true;
      case 'vcpuPaging':
        if (vcpu !== undefined) vcpu.paging = at(values, 0);
        return true;
      case 'noTimer':
        if (vcpu !== undefined) vcpu.timer = undefined;
        return true;
      case 'timer':
        if (vcpu !== undefined) vcpu.timer = { hz: dec(values, 0), periodMs: dec(values, 1) };
        return true;
      default:
        return false;
    }
  };
  const done = (debugPorts: ReadonlyMap<number, number>): readonly VcpuReading[] =>
    vcpus.flatMap((vcpu) => {
      const { line, match, pause, timer } = vcpu;
      const { values } = match;
      const id = dec(values, 0);
      if (pause === undefined || timer === 'missing') {
        const missing = pause === undefined ? 'pause_count' : 'periodic timer';
        const what = `the ${missing} line of vCPU ${id} is missing or unreadable`;
        notes.problems.push(problemAt(line, what, 'dump key q again (xl debug-keys q; xl dmesg)'));
        return [];
      }
      return [
        {
          file: line.file,
          line: line.line,
          id,
          cpu: dec(values, 1),
          running: at(values, 2) === 'T',
          poll: dec(values, 3),
          upcallPending: hex(values, 4),
          upcallMask: hex(values, 5),
          dirtyCpu: match.form.name === 'vcpuDirty' ? dec(values, 6) : undefined,
          pauseCount: pause[0],
          pauseFlags: pause[1],
          paging: vcpu.paging,
          hardAffinity: vcpu.hard,
          softAffinity: vcpu.soft,
          unit: vcpu.unit?.id,
          periodicTimer: timer,
          debugVirqPort: debugPorts.get(id),
        },
      ];
    });
  return { take, count: () => vcpus.length, affinity: () => unit?.hard, done };
};

const cpus = (values: readonly string[], index: number): Ranges | undefined =>
  ranges(at(values, index), 10);
