/** What ties domains to each other at a step, summed up for each pair: pure. */
import type { HostView } from '../../inspect/recording/recording.ts';

export type LinkKind = 'channel' | 'grant' | 'emulation';
export interface DomainLink {
  /** Lower domid first for channels; granter and mapper; guest and emulator. */
  readonly from: string;
  readonly to: string;
  readonly kind: LinkKind;
  readonly count: number;
  /** Channels with an event waiting, requests under way. */
  readonly busy: number;
  /** Names of the objects. */
  readonly objects: readonly string[];
}

const domainOf = (name: string): string => /^d\d+/.exec(name)?.[0] ?? '';
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

interface One {
  readonly from: string;
  readonly to: string;
  readonly kind: LinkKind;
  readonly busy: boolean;
  readonly object: string;
}

const channels = (view: HostView): One[] =>
  Object.entries(view.ports).flatMap(([name, row]): One[] => {
    const peer = text(row.peer);
    if (peer === '') return [];
    const [own, other] = [domainOf(name), domainOf(peer)];
    const [from = own, to = other] = [own, other].sort(
      (a, b) => Number(a.slice(1)) - Number(b.slice(1)),
    );
    return [{ from, to, kind: 'channel', busy: row.pending === true, object: name }];
  });

const grants = (view: HostView): One[] =>
  Object.entries(view.handles).map(([name, row]) => ({
    from: domainOf(text(row.of)),
    to: domainOf(name),
    kind: 'grant',
    busy: false,
    object: `${text(row.of)} by ${name}`,
  }));

const emulations = (view: HostView): One[] =>
  Object.entries(view.requests).map(([name, row]) => ({
    from: domainOf(name),
    to: text(row.emulator),
    kind: 'emulation',
    busy: row.slot !== 'NONE',
    object: name,
  }));

/** All links, one for each pair and kind. A channel between two domains has two ends: both are counted. */
export const linksOf = (view: HostView): readonly DomainLink[] => {
  const links = new Map<string, DomainLink>();
  for (const one of [...channels(view), ...grants(view), ...emulations(view)]) {
    if (one.from === '' || one.to === '') continue;
    const key = `${one.kind} ${one.from} ${one.to}`;
    const link = links.get(key) ?? { ...one, count: 0, busy: 0, objects: [] };
    links.set(key, {
      from: one.from,
      to: one.to,
      kind: one.kind,
      count: link.count + 1,
      busy: link.busy + (one.busy ? 1 : 0),
      objects: [...link.objects, one.object],
    });
  }
  return [...links.values()];
};
