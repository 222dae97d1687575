/** Facts of the boot and of single lines that any part of a log may hold. */
import type { BootReading, E820Reading, Place, VersionReading } from '../capture/reading.ts';

/** What one boot's messages said so far. */
export interface BootFacts {
  version: VersionReading | undefined;
  commandLine: string | undefined;
  loadBase: bigint | undefined;
  imageBase: bigint | undefined;
  readonly e820: E820Reading[];
  systemRamKiB: number | undefined;
  iommu: boolean | undefined;
  hap: boolean | undefined;
  hvm: 'SVM' | 'VMX' | undefined;
  cpus: number | undefined;
  maxPirqsDom0: number | undefined;
  scheduler: string | undefined;
}

export const emptyBoot = (): BootFacts => ({
  version: undefined,
  commandLine: undefined,
  loadBase: undefined,
  imageBase: undefined,
  e820: [],
  systemRamKiB: undefined,
  iommu: undefined,
  hap: undefined,
  hvm: undefined,
  cpus: undefined,
  maxPirqsDom0: undefined,
  scheduler: undefined,
});

const BANNER = /^Xen version (\d{1,3})\.(\d{1,3})(\S*)/;

/** The line by which a boot starts: what was before is another host. */
export const isBootBanner = (text: string): boolean => BANNER.test(text);

const version = (match: RegExpExecArray, place: Place): VersionReading => ({
  file: place.file,
  line: place.line,
  major: Number(match[1]),
  minor: Number(match[2]),
  text: `${match[1]}.${match[2]}${match[3] ?? ''}`,
});

/** Enough for any machine; more is not a memory map. */
const MOST_E820 = 4096;

type Reader = readonly [RegExp, (facts: BootFacts, match: RegExpExecArray, place: Place) => void];

const READERS: readonly Reader[] = [
  [BANNER, (facts, match, place) => (facts.version = version(match, place))],
  // Every register dump repeats the version.
  [
    /^-{4}\[ Xen-(\d{1,3})\.(\d{1,3})(\S*) /,
    (facts, match, place) => (facts.version ??= version(match, place)),
  ],
  [/^Command line: (.*)$/, (facts, match) => (facts.commandLine = match[1])],
  [
    /^Xen image load base address: (0|0x[0-9a-f]{1,16})$/,
    (facts, match) => (facts.loadBase = BigInt(match[1] ?? 0)),
  ],
  [
    /^New Xen image base address: (0|0x[0-9a-f]{1,16})$/,
    (facts, match) => (facts.imageBase = BigInt(match[1] ?? 0)),
  ],
  [
    // 4.12 and newer print the last byte, older ones the end.
    /^\[([0-9a-f]{16}), ([0-9a-f]{16})\] (?:\((.*)\)|(type \d+))$/,
    (facts, match) => noteRange(facts, match, 0n),
  ],
  [
    /^([0-9a-f]{16}) - ([0-9a-f]{16}) (?:\((.*)\)|(type \d+))$/,
    (facts, match) => noteRange(facts, match, 1n),
  ],
  [
    /^System RAM: \d+MB \((\d{1,15})kB\)$/,
    (facts, match) => (facts.systemRamKiB = Number(match[1])),
  ],
  [/^I\/O virtualisation (en|dis)abled$/, (facts, match) => (facts.iommu = match[1] === 'en')],
  [
    /^HVM: Hardware Assisted Paging \(HAP\) (detected|not detected|detected but disabled)$/,
    (facts, match) => (facts.hap = match[1] === 'detected'),
  ],
  [/^HVM: (SVM|VMX) enabled$/, (facts, match) => (facts.hvm = match[1] === 'SVM' ? 'SVM' : 'VMX')],
  [/^Brought up (\d{1,5}) CPUs$/, (facts, match) => (facts.cpus = Number(match[1]))],
  [/^d0 has maximum (\d{1,6}) PIRQs$/, (facts, match) => (facts.maxPirqsDom0 = Number(match[1]))],
  [/^(?:Using scheduler|Scheduler): .*\((\w+)\)$/, (facts, match) => (facts.scheduler = match[1])],
];

const noteRange = (facts: BootFacts, match: RegExpExecArray, past: bigint): void => {
  if (facts.e820.length >= MOST_E820) return;
  const first = BigInt(`0x${match[1]}`);
  const last = BigInt(`0x${match[2]}`) - past;
  if (last < first) return;
  facts.e820.push({ first, last, type: match[3] ?? match[4] ?? '' });
};

const FIRST_WORDS =
  /^(?:Xen (?:ver|ima)|-{4}\[|Comm|New X|\[0|0|f|System R|I\/O v|HVM: |Brou|d0 has|Using s|Sched)/;

/** Takes over what a line says of the boot, if anything. */
export const noteBootMessage = (facts: BootFacts, text: string, place: Place): void => {
  if (!FIRST_WORDS.test(text)) return;
  for (const [pattern, take] of READERS) {
    const match = pattern.exec(text);
    if (match !== null) {
      take(facts, match, place);
      return;
    }
  }
};

export const bootReading = (facts: BootFacts): BootReading => ({
  commandLine: facts.commandLine,
  loadBase: facts.loadBase,
  imageBase: facts.imageBase,
  e820: facts.e820,
  systemRamKiB: facts.systemRamKiB,
  iommu: facts.iommu,
  hap: facts.hap,
  hvm: facts.hvm,
  cpus: facts.cpus,
  maxPirqsDom0: facts.maxPirqsDom0,
});
