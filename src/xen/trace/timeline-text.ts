/** A timeline for people: at most 75 columns. */
import type { CallCount, DomainLife, Moment, Tally } from './domain-life.ts';
import type { TraceTimeline } from './timeline.ts';

const COLUMNS = 75;
const LABEL = 16;

/** SHUTDOWN_* of public/sched.h. */
const REASONS = ['poweroff', 'reboot', 'suspend', 'crash', 'watchdog', 'soft_reset'] as const;

/** Writes a length of time; cycles where the rate is not known. */
type Clock = (cycles: number) => string;

const clockOf = (cyclesPerUs: number | null): Clock =>
  cyclesPerUs === null
    ? (cycles) => `${cycles} cyc`
    : (cycles) => `${(cycles / cyclesPerUs / 1000).toFixed(3)} ms`;

const row = (label: string, text: string): string => `  ${label.padEnd(LABEL)}${text}`;

/** Items behind a label, continued below each other where a line is full. */
const listRows = (label: string, items: readonly string[]): string[] => {
  const lines: string[] = [];
  let line = row(label, '');
  for (const [index, item] of items.entries()) {
    const piece = index === items.length - 1 ? item : `${item}, `;
    if (line.length + piece.trimEnd().length > COLUMNS && line.trim() !== label) {
      lines.push(line.trimEnd());
      line = row('', '');
    }
    line += piece;
  }
  return [...lines, line.trimEnd()];
};

const momentText = (at: Moment, clock: Clock): string =>
  `${clock(at.cycles).padStart(18)}  byte ${at.offset}`;

const momentRow = (label: string, at: Moment | null, clock: Clock): string[] =>
  at === null ? [] : [row(label, momentText(at, clock))];

const tallyRow = (label: string, tally: Tally | null, clock: Clock): string[] => {
  if (tally === null) return [];
  const { count, first, last } = tally;
  const until = count === 1 ? ', once' : ` to ${clock(last.cycles)}, ${count} times`;
  return [row(label, `${clock(first.cycles).padStart(18)}${until}`)];
};

const callText = (name: string, { entries, reentries, unclear }: CallCount): string => {
  const again = reentries === 0 ? '' : ` (${reentries} re-entered)`;
  const open = unclear === 0 ? '' : ` (${unclear} unclear)`;
  return `${name} ${entries}${again}${open}`;
};

const shutdownRow = ({ shutdown }: DomainLife, clock: Clock): string[] => {
  if (shutdown === null) return [];
  const name = REASONS[shutdown.reason];
  const reason = name === undefined ? `${shutdown.reason}` : `${shutdown.reason} ${name}`;
  return [
    row('shutdown', momentText(shutdown, clock)),
    row('', `reason ${reason}, by vCPU ${shutdown.vcpu}`),
  ];
};

const countRows = (life: DomainLife): string[] => {
  const calls = Object.entries(life.hypercalls).map(([name, count]) => callText(name, count));
  const subcalls = Object.entries(life.subcalls).map(([name, count]) => `${name} ${count}`);
  const grants = Object.entries(life.grantsOf).map(
    ([mapper, { maps, unmaps }]) => `by ${mapper}: ${maps} maps, ${unmaps} unmaps`,
  );
  const { extents, pages } = life.decreased;
  return [
    ...(calls.length === 0 ? [] : listRows('hypercalls', calls)),
    ...(subcalls.length === 0 ? [] : listRows('in multicalls', subcalls)),
    ...(grants.length === 0 ? [] : listRows('grants of it', grants)),
    ...(life.grantTransfers === 0 ? [] : [row('transfers', `${life.grantTransfers}`)]),
    ...(extents === 0 ? [] : [row('given back', `${extents} extents, ${pages} pages`)]),
    ...(life.p2mEntries === 0 ? [] : [row('P2M entries', `${life.p2mEntries} set`)]),
  ];
};

const lifeRows = (life: DomainLife, clock: Clock): string[] => [
  `d${life.domain}`,
  ...momentRow('created', life.created, clock),
  ...momentRow('in scheduler', life.scheduled, clock),
  ...momentRow('first run', life.firstRun, clock),
  ...tallyRow('from offline', life.online, clock),
  ...tallyRow('sleep asked', life.sleeps, clock),
  ...tallyRow('woken', life.wakes, clock),
  ...tallyRow('to offline', life.offline, clock),
  ...shutdownRow(life, clock),
  ...countRows(life),
  ...momentRow('last reference', life.removed, clock),
  ...momentRow('freed (RCU)', life.freed, clock),
];

const lossRows = ({ lost }: TraceTimeline, clock: Clock): string[] => {
  if (lost.records === 0) return [];
  const places = lost.first.map(({ cpu, count, at }) =>
    row('', `${clock(at.cycles).padStart(18)}  CPU ${cpu}: ${count}`),
  );
  return [`lost: ${lost.records} records, first at`, ...places];
};

const headRows = (timeline: TraceTimeline, clock: Clock): string[] => {
  const rate = timeline.cyclesPerUs;
  const measured = rate === null ? 'TSC rate unknown' : `TSC at ${rate.toFixed(1)} MHz`;
  const { contradictions, livesLeftOut } = timeline;
  const unknown = Object.entries(timeline.unattributed).map(([op, count]) => `${op} ${count}`);
  return [
    `trace of ${clock(timeline.cycles)}, ${measured}`,
    ...(unknown.length === 0 ? [] : listRows('vCPU unknown', unknown)),
    ...(contradictions === 0 ? [] : [`contradictions about who runs: ${contradictions}`]),
    ...(livesLeftOut === 0 ? [] : [`domains left out: ${livesLeftOut}`]),
  ];
};

/** The whole timeline as lines of at most 75 columns, joined by newlines. */
export const timelineText = (timeline: TraceTimeline): string => {
  const clock = clockOf(timeline.cyclesPerUs);
  return [
    ...headRows(timeline, clock),
    ...lossRows(timeline, clock),
    ...timeline.domains.flatMap((life) => lifeRows(life, clock)),
  ].join('\n');
};
