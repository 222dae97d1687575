/** Reads the `e` dump: the event channels of every domain. */
import type {
  DomainReading,
  EventChannelsReading,
  GuestIrqReading,
  PortBinding,
  PortLink,
  PortReading,
  Ranges,
} from '../capture/reading.ts';
import { type Order, type Straight, settleAscending, straightened } from './ascending.ts';
import type { Dump } from './dumps.ts';
import { type Elsewhere, elsewhereKey } from './elsewhere.ts';
import { exactly, type Match } from './form.ts';
import {
  type Judgement,
  type LineReadings,
  noJudgement,
  readingsOf,
  settle,
} from './line-reading.ts';
import { type KeptLine, type Notes, problemAt } from './notes.ts';
import { PORT_FORMS, type PortForm } from './section-forms.ts';
import { at, dec, ranges } from './values.ts';

type PortMatch = Match<PortForm>;

/** What an e dump is read against. */
export interface PortContext {
  readonly domains: readonly DomainReading[];
  /** Bindings by key i; empty if it was not pressed. */
  readonly guestIrqs: readonly GuestIrqReading[];
  readonly elsewhere: Elsewhere;
  readonly notes: Notes;
}

/** Ports of a FIFO guest; a two-level guest has at most 4096. */
const MOST_PORTS = 1 << 17;
/** DOMID_SELF and the other reserved ids are all below this. */
const DOMIDS = 0x8000;
/** `xen_consumer` is a field of three bits. */
const CONSUMERS = 8;
const VIRQS = 24;

interface DomainPorts {
  readonly head: KeptLine;
  readonly domid: number;
  polling: Ranges | undefined;
  readonly rows: LineReadings<PortForm>[];
}

/** The ports of all domains, for finding the other end of a channel. */
interface Peers {
  /** By domain and port; of damaged lines only those with one reading. */
  readonly ports: ReadonlyMap<string, Peer>;
  /** Domains with a line of which the port is not known yet. */
  readonly uncertain: ReadonlySet<number>;
}

interface Peer {
  readonly match: PortMatch;
  /** What the line may have been if a digit was lost or doubled. */
  readonly others: () => readonly PortMatch[];
}

/** The event channels in the order printed. Problems go to the notes. */
export const readEventChannels = (
  dump: Dump,
  context: PortContext,
): readonly EventChannelsReading[] => {
  const sections = sectionsOf(dump, context);
  const domids = new Set(sections.map(({ domid }) => domid));
  // The order of ports has to be known before one can name another.
  const straight = sections.map((section) => {
    const order = orderOf(section, domids, context);
    return { section, order, straight: straightened(section.rows, order, context.notes) };
  });
  const peers = peersOf(straight);
  return straight.map((ports) => readSection(ports, peers, context));
};

/** A domain's ports of which the order is known. */
interface StraightPorts {
  readonly section: DomainPorts;
  readonly order: Order<PortForm>;
  readonly straight: Straight<PortForm>;
}

const peersOf = (domains: readonly StraightPorts[]): Peers => {
  const ports = new Map<string, Peer>();
  const uncertain = new Set<number>();
  for (const { section, straight } of domains) {
    straight.items.forEach((item, index) => {
      const known = straight.fixed.get(index) ?? item.exact;
      const [only, second] = known === undefined ? item.near() : [known];
      if (only === undefined || second !== undefined) uncertain.add(section.domid);
      else {
        const repaired = straight.repaired.has(index) || item.exact === undefined;
        ports.set(`${section.domid}/${at(only.values, 0)}`, {
          match: only,
          others: () =>
            repaired ? [] : item.near().filter((match) => straight.fits(index, match)),
        });
      }
    });
  }
  return { ports, uncertain };
};

const isRow = (name: PortForm): boolean =>
  name !== 'ports' && name !== 'polling' && name !== 'columns';

const sectionsOf = (dump: Dump, { domains, notes }: PortContext): readonly DomainPorts[] => {
  const sections: DomainPorts[] = [];
  for (const line of dump.lines) {
    const readings = readingsOf(PORT_FORMS, line, notes);
    const section = sections.at(-1);
    const { exact } = readings;
    if (exact === undefined ? /^\W{0,2}\d+\W/.test(line.text) : isRow(exact.form.name)) {
      if (section === undefined) {
        notes.problems.push(
          problemAt(
            line,
            'a port before any "Event channel information for domain N:" line',
            'a line of the dump is missing: dump key e again (xl debug-keys e; xl dmesg)',
          ),
        );
      } else section.rows.push(readings);
      continue;
    }
    const seen = new Set(sections.map(({ domid }) => domid));
    const judge: Judgement<PortForm> = {
      ...noJudgement,
      sound: ({ form, values }) =>
        form.name !== 'ports' ||
        (!seen.has(dec(values, 0)) &&
          (domains.length === 0 || domains.some(({ domid }) => domid === dec(values, 0)))),
    };
    const match = settle(readings, judge, PORT_FORMS, notes);
    if (match === undefined) continue;
    if (match.form.name === 'ports') {
      const domid = dec(match.values, 0);
      sections.push({ head: line, domid, polling: undefined, rows: [] });
    } else if (match.form.name === 'polling' && section !== undefined) {
      section.polling = ranges(at(match.values, 0), 10);
    } else if (isRow(match.form.name)) section?.rows.push(readings);
  }
  if (dump.cutInLine) refuseCutLine(dump, notes);
  return sections;
};

/** The last line of a log without its end may have lost digits. */
const refuseCutLine = (dump: Dump, notes: Notes): void => {
  const last = dump.lines.at(-1);
  if (last === undefined) return;
  const match = exactly(PORT_FORMS, last.text);
  if (match !== undefined && isWhole(match)) return;
  notes.problems.push(
    problemAt(
      last,
      'the log ends inside a line of the event-channel dump',
      'use the complete log; if this is all of it, end its last line with a line break',
    ),
  );
};

/** Whether no further digit can have followed, or another line would tell. */
const isWhole = ({ form, values }: PortMatch): boolean => {
  switch (form.name) {
    case 'virq':
      return dec(values, 6) * 10 >= VIRQS;
    case 'pirq':
      // A line interrupt is its own pirq; message interrupts come after 15.
      return dec(values, 6) === dec(values, 7) || dec(values, 7) > 15;
    case 'unbound':
      return false;
    default:
      return true;
  }
};

const remoteOf = ({ form, values }: PortMatch): string | undefined =>
  form.name === 'interdomain' ? `${at(values, 6)}/${at(values, 7)}` : undefined;

/** What makes a port line possible at all. */
const orderOf = (
  { domid }: DomainPorts,
  domids: ReadonlySet<number>,
  { domains, elsewhere }: PortContext,
): Order<PortForm> => {
  const vcpus = domains.find((domain) => domain.domid === domid)?.vcpus.length ?? 0;
  const notifies = vcpus === 0 ? Number.POSITIVE_INFINITY : vcpus;
  return {
    idOf: ({ values }) => dec(values, 0),
    sound: (match) =>
      isRow(match.form.name) &&
      dec(match.values, 0) > 0 &&
      dec(match.values, 0) < MOST_PORTS &&
      dec(match.values, 4) < notifies &&
      dec(match.values, 5) <= CONSUMERS &&
      tailIsSound(match, domids),
    agrees: () => true,
    elsewhere: ({ text }) => elsewhere.has(elsewhereKey('e', domid, text)),
  };
};

/** Whether the other end of a channel names this port. */
const peerAgrees = (match: PortMatch, domid: number, peers: Peers): boolean => {
  const remote = remoteOf(match);
  if (remote === undefined) return true;
  const peer = peers.ports.get(remote);
  if (peer === undefined) return peers.uncertain.has(dec(match.values, 6));
  return remoteOf(peer.match) === `${domid}/${at(match.values, 0)}`;
};

/** Whether key i shows the same interrupt for this pirq, if it shows any. */
const irqAgrees = (
  { form, values }: PortMatch,
  domid: number,
  guestIrqs: readonly GuestIrqReading[],
): boolean => {
  if (form.name !== 'pirq') return true;
  const [pirq, irq] = [dec(values, 6), dec(values, 7)];
  return guestIrqs.every(
    (shown) => shown.domid !== domid || (shown.pirq === pirq) === (shown.irq === irq),
  );
};

/** `%-4u` after a flag and a blank: the width shows how many digits it had. */
const LINK_WIDTH = 4;

/** Whether the port that a linked event names exists and has its width. */
const linkAgrees = (match: PortMatch, { raw }: KeptLine, domid: number, peers: Peers): boolean => {
  const link = linkOf(at(match.values, 3));
  if (link.abi !== 'fifo' || link.word !== 'present' || link.link === undefined) return true;
  const exists = link.link === 0 || peers.ports.has(`${domid}/${link.link}`);
  // Where blanks were made one the width is lost.
  const padding = /\/[ B] \d+( *)\]/.exec(raw)?.[1];
  const digits = String(link.link).length;
  return (
    exists && (padding === undefined || digits + padding.length === Math.max(LINK_WIDTH, digits))
  );
};

/**
 * Whether a repair of one end is the only explanation: it is not if the
 * other end may have been what the line, as it stands, says.
 */
const peerIsFirm = (match: PortMatch, found: PortMatch, domid: number, peers: Peers): boolean => {
  const others = peers.ports.get(remoteOf(match) ?? '')?.others() ?? [];
  const wanted = remoteOf(found);
  return !others.some(
    (other) =>
      `${at(match.values, 6)}/${at(other.values, 0)}` === wanted &&
      remoteOf(other) === `${domid}/${at(found.values, 0)}`,
  );
};

const readSection = (
  { section, order, straight }: StraightPorts,
  peers: Peers,
  { notes, guestIrqs }: PortContext,
): EventChannelsReading => {
  const { domid, head } = section;
  const judged: Order<PortForm> = {
    ...order,
    agrees: (match, line) =>
      peerAgrees(match, domid, peers) &&
      linkAgrees(match, line, domid, peers) &&
      irqAgrees(match, domid, guestIrqs),
  };
  const items = straight.items.map(({ line, exact, near }) => ({
    line,
    exact,
    near: () =>
      exact === undefined || remoteOf(exact) === undefined
        ? near()
        : near().filter((match) => peerIsFirm(match, exact, domid, peers)),
  }));
  const matches = settleAscending({ ...straight, items }, judged, PORT_FORMS, notes);
  const ports = matches.flatMap((match, index): PortReading[] => {
    const line = section.rows[index]?.line;
    return match === undefined || line === undefined ? [] : [portReading(match, line)];
  });
  const { file, line } = head;
  return { file, line, domid, pollingVcpus: section.polling, ports };
};

const tailIsSound = ({ form, values }: PortMatch, known: ReadonlySet<number>): boolean => {
  switch (form.name) {
    case 'interdomain':
      return known.has(dec(values, 6)) && dec(values, 7) > 0 && dec(values, 7) < MOST_PORTS;
    case 'unbound':
      return dec(values, 6) < DOMIDS;
    case 'virq':
      return dec(values, 6) < VIRQS;
    default:
      return true;
  }
};

const linkOf = (printed: string): PortLink => {
  if (printed === '0' || printed === '1') return { abi: '2l', selector: printed === '1' };
  if (printed.startsWith('?')) return { abi: 'fifo', word: 'absent' };
  const busy = printed.startsWith('B');
  const target = printed.replace('B', '').trim();
  return {
    abi: 'fifo',
    word: 'present',
    busy,
    link: target === '-' ? undefined : Number(target),
  };
};

const bindingOf = ({ form, values }: PortMatch): PortBinding => {
  switch (form.name) {
    case 'unbound':
      return { kind: 'unbound', remote: dec(values, 6) };
    case 'interdomain':
      return { kind: 'interdomain', remote: dec(values, 6), remotePort: dec(values, 7) };
    case 'pirq':
      return { kind: 'pirq', pirq: dec(values, 6), irq: dec(values, 7) };
    case 'virq':
      return { kind: 'virq', virq: dec(values, 6) };
    case 'ipi':
      return { kind: 'ipi' };
    default:
      return { kind: 'reserved' };
  }
};

const portReading = (match: PortMatch, { file, line }: KeptLine): PortReading => {
  const { values } = match;
  const label = values.at(-1) ?? '';
  return {
    file,
    line,
    port: dec(values, 0),
    pending: at(values, 1) === '1',
    masked: at(values, 2) === '1',
    link: linkOf(at(values, 3)),
    notifyVcpu: dec(values, 4),
    xenConsumer: dec(values, 5),
    binding: bindingOf(match),
    label: label === '' ? undefined : label,
  };
};
