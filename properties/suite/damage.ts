/**
 * What lies between the jump and xen#2 may be damaged: by a device that was
 * not stopped, by bad memory, by xen#1. xen#2 must end it by its declared
 * policy (Q8: the host stops, and says why), or go on with everything that
 * the bytes name. It may not hang, and nothing may be missing without a word.
 */
import fc from 'fast-check';
import { left, right } from 'fp-ts/lib/Either.js';
import { numericKeys } from '../../src/host/codec.ts';
import { PAGE_SIZE } from '../../src/host/constants.ts';
import type { PageContent } from '../../src/host/content.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import { framesOf } from '../../src/host/ranges.ts';
import { BREADCRUMB_BYTES } from '../../src/liveupdate/breadcrumb.ts';
import type { LuStream } from '../../src/stream/reader.ts';
import { PAGE_KIND } from '../../src/stream/records/domain/pages.ts';
import type { DomainSections } from '../../src/stream/records/registry.ts';
import { type Snapshot, topState } from '../../src/trace/schedule.ts';
import { hostArbitrary } from '../arbitraries/index.ts';
import { judgeHost } from '../registry.ts';
import { begin, drive } from './drive.ts';
import { describeImage, imageArbitrary } from './image.ts';
import { invariants } from './judged.ts';
import { property } from './property.ts';

/** Where it happens. The stream is the usual place: it is the largest. */
const PLACES = ['stream', 'stream', 'stream', 'array', 'breadcrumb'] as const;

const KINDS = {
  bit: 'a bit is the other way round',
  word: 'a word is all ones',
  zeros: 'everything from there on is 0',
  page: 'a page is not there',
  swap: 'a page has changed places with the next',
} as const;

interface Damage {
  readonly place: (typeof PLACES)[number];
  readonly kind: keyof typeof KINDS;
  /** Which byte, of those that say something, modulo their number; and which bit of it. */
  readonly at: number;
  readonly bit: number;
}

const oneDamage: fc.Arbitrary<Damage> = fc.record({
  place: fc.constantFrom(...PLACES),
  kind: fc.constantFrom('bit', 'bit', 'bit', 'word', 'zeros', 'page', 'swap'),
  at: fc.nat(2 ** 20),
  bit: fc.nat(7),
});

const describeDamage = ({ place, kind, at, bit }: Damage): string =>
  `damaged: ${place}, byte ${at}, bit ${bit}: ${KINDS[kind]}`;

interface Place {
  /** In their order, as xen#1 laid them out. */
  readonly frames: readonly number[];
  /** Bytes in use, from the first on. */
  readonly bytes: number;
}

const placeOf = (now: Snapshot, place: Damage['place']): Place => {
  const { memory, place: image, stream } = now.context.world;
  if (memory === null || image === null) return { frames: [], bytes: 0 };
  if (place === 'breadcrumb') return { frames: [image.bootmem.start], bytes: BREADCRUMB_BYTES };
  return place === 'array'
    ? { frames: [...framesOf([memory.array])], bytes: 8 * memory.dataFrames.length }
    : { frames: memory.dataFrames, bytes: stream?.length ?? 0 };
};

const damaged = (
  content: Readonly<Record<number, PageContent>>,
  { frames, bytes }: Place,
  d: Damage,
): Readonly<Record<number, PageContent>> => {
  const at = d.at % Math.max(1, bytes);
  const i = Math.floor(at / PAGE_SIZE);
  const byte = at % PAGE_SIZE;
  const frame = frames[i];
  const page = frame === undefined ? undefined : content[frame];
  if (frame === undefined || page?.kind !== 'bytes') return content;
  const next = frames[(i + 1) % frames.length] as number;
  const { [frame]: _, ...rest } = content;
  if (d.kind === 'page') return rest;
  if (d.kind === 'swap') return { ...content, [frame]: content[next] ?? page, [next]: page };
  const data = Uint8Array.from(page.data);
  const word = byte - (byte % 4);
  if (d.kind === 'bit') data[byte] = (data[byte] ?? 0) ^ (1 << d.bit);
  if (d.kind === 'word') data.fill(0xff, word, word + 4);
  if (d.kind === 'zeros') data.fill(0, byte);
  const later = d.kind === 'zeros' ? frames.slice(i + 1) : [];
  const zeros = later.map((f) => [f, { kind: 'bytes', data: new Uint8Array(PAGE_SIZE) }] as const);
  return { ...content, [frame]: { kind: 'bytes', data }, ...Object.fromEntries(zeros) };
};

/** xen#2 at its entry point, with the damage done. */
const withDamage = (now: Snapshot, all: readonly Damage[]): Snapshot => {
  const { world } = now.context;
  const { restoring } = world;
  if (restoring === null) return now;
  const content = all.reduce(
    (c, d) => damaged(c, placeOf(now, d.place), d),
    restoring.hardware.content,
  );
  const hardware = { ...restoring.hardware, content };
  return {
    ...now,
    context: { ...now.context, world: { ...world, restoring: { ...restoring, hardware } } },
  };
};

const size = (list: object): number => Object.keys(list).length;

/** How many there are of everything that the records of a domain name, and of what it has. */
const named = (s: DomainSections): Readonly<Record<string, number>> => {
  const { count, kind } = s.PAGES.runs;
  const owned = Array.from(count).filter((_, i) => ((kind[i] ?? 0) & PAGE_KIND.extra) === 0);
  return {
    vCPUs: s.VCPU.length,
    pages: owned.reduce((n, c) => n + c, 0),
    ports: s.EVTCHN_PORTS.ports.length,
    'active grants': s.GRANT_TABLE.active.length,
    'mapped grants': s.MAPTRACK.entries.length,
    'HVM parameters': s.HVM_PARAMS?.params.length ?? 0,
    PIRQs: s.PIRQS?.pirqs.length ?? 0,
    'IOREQ servers': s.IOREQ_SERVERS?.servers.length ?? 0,
    'ports of another priority than usual': s.EVTCHN_PRIORITIES.priorities.length,
    'pages of the event array': s.EVTCHN_FIFO?.array.length ?? 0,
    'control blocks': s.EVTCHN_FIFO?.controls.length ?? 0,
  };
};
const had = (d: Domain, s: DomainSections): Readonly<Record<string, number>> => ({
  vCPUs: d.vcpus.length,
  pages: d.totPages,
  ports: size(d.events.channels),
  'active grants': size(d.grants.active),
  'mapped grants': size(d.grants.maptrack),
  'HVM parameters': size(d.hvmParams),
  PIRQs: size(d.pirqs),
  'IOREQ servers': size(d.ioreqServers),
  'ports of another priority than usual': s.EVTCHN_PRIORITIES.priorities.filter(
    (p) => d.events.channels[p.port]?.priority === p.priority,
  ).length,
  'pages of the event array': d.events.fifoArray.length,
  'control blocks': d.vcpus.filter((v) => v.fifo !== null).length,
});

/** What the stream names and the host does not have, a line each. */
const missing = (saved: readonly number[], stream: LuStream, now: Host): readonly string[] => {
  const gone = saved.filter((id) => now.xen.domains[id] === undefined);
  return [
    ...gone.map((id) => `d${id} was saved, and is not there`),
    ...numericKeys(stream.domains).flatMap((id) => {
      const [s, d] = [stream.domains[id], now.xen.domains[id]];
      if (s === undefined || d === undefined) return [`d${id} is in the stream, and is not there`];
      const has = had(d, s);
      return Object.entries(named(s))
        .filter(([what, n]) => has[what] !== n)
        .map(([what, n]) => `d${id}: the stream names ${n} ${what}, the host has ${has[what]}`);
    }),
  ];
};

/**
 * What a host that goes on must keep whatever the bytes said: what xen#2
 * derives and compares, or makes itself of what it restored. Others hold only
 * as far as the records are true (a handle above the limit, I7.4).
 */
const SOUND = ['I6.1', 'I6.3', 'I7.1', 'I8.1', 'I8.2', 'I8.5'];
const sound = invariants.filter((i) => SOUND.includes(i.id));

interface Seen {
  stream: LuStream | null;
  restored: Host | null;
  saved: readonly number[];
}

export const damage = property({
  id: 'damage',
  title: 'A damaged stream stops xen#2 with a reason, or loses nothing',
  says:
    'Whatever happens to the stream, its MFN array or the breadcrumb after the jump: xen#2 stops ' +
    'the host and names a reason with its source, or ends with all that the records name, each ' +
    'page with one owner and the counts of its references, each channel with its peer.',
  sources: ['Q8', 'R44', 'R30', 'R31', 'R32', 'PNR-2', 'S28'],
  runs: 200,
  arbitrary: fc.record({
    random: hostArbitrary({ maxDomains: 3, maxParts: 16 }),
    image: imageArbitrary,
    all: fc.array(oneDamage, { minLength: 1, maxLength: 2 }),
  }),
  describe: ({ random, image, all }) => [
    ...random.describe(),
    `updated to ${describeImage(image)}`,
    ...all.map(describeDamage),
  ],
  check: ({ random, image, all }, design, machine) => {
    const { host } = random;
    const seen: Seen = { stream: null, restored: null, saved: [] };
    const end = drive(
      begin(host, random.plan.version, design, machine),
      host,
      image,
      (event, now) => {
        const { world } = now.context;
        if (event.type === 'lu.save.seal') seen.saved = world.saved;
        if (event.type === 'xen2.map-stream') seen.stream = world.restoring?.stream ?? null;
        if (event.type === 'restore.verify' && world.restoring !== null)
          seen.restored = { hardware: world.restoring.hardware, xen: world.restoring.xen };
        return event.type === 'lu.jump' ? withDamage(now, all) : now;
      },
    );
    const state = topState(end);
    const met = {
      [`damage: ${state}`]: 1,
      ...Object.fromEntries(all.map((d) => [`damage: ${d.kind} of the ${d.place}`, 1])),
    };
    const violated = (...what: readonly string[]) =>
      left({ invariants: ['PNR-2'], what, trace: null });
    const { crash } = end.context.world;
    if (state === 'crashed')
      return crash !== null && crash.what !== '' && crash.sources.length > 0
        ? right({ checked: {}, met })
        : violated('xen#2 stopped without a reason');
    if (seen.saved.length === 0 || state === 'refused') return right({ checked: {}, met });
    if (state !== 'done') return violated(`ends as ${state}`);
    const lost =
      seen.stream === null || seen.restored === null
        ? ['done without a stream']
        : [
            ...missing(seen.saved, seen.stream, seen.restored),
            ...judgeHost(sound, seen.restored, image.to).flatMap((j) => j.detail ?? []),
          ];
    return lost.length > 0 ? violated(...lost) : right({ checked: {}, met });
  },
});
