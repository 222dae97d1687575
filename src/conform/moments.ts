/**
 * Where dumps taken inside a trace belong in it. A trace of a step begins
 * before the step and ends after it: the dumps from before are of the moment
 * at which the first thing happens to a domain, those from after of the
 * moment at which the trace ends, and those from between of any in between.
 */
import { type DumpedHost, grantProblems, lifeProblems } from './dumps.ts';
import type { HostKnown } from './host-known.ts';

/** Dumps by when they were taken. */
export interface Dumps {
  readonly before: readonly DumpedHost[];
  readonly mid: readonly DumpedHost[];
  readonly after: readonly DumpedHost[];
}

export const NO_DUMPS: Dumps = { before: [], mid: [], after: [] };

/** One moment's dumps, and what the trace contradicts in them. */
export interface DumpVerdict {
  readonly path: string;
  readonly taken: keyof Dumps;
  /** Each reads "by the trace ..., and in the dump ...". Empty: they agree. */
  readonly problems: readonly string[];
}

/** The fewest problems that a dump had at any moment so far, apart for lives and grants. */
interface Sought {
  readonly dump: DumpedHost;
  life: readonly string[] | null;
  grants: readonly string[] | null;
}

const fewer = (a: readonly string[] | null, b: readonly string[]): readonly string[] =>
  a === null || b.length < a.length ? b : a;

export class Moments {
  readonly #dumps: Dumps;
  readonly #host: HostKnown;
  readonly #before: Sought[];
  readonly #mid: Sought[];
  /** Domains that the trace saw made first, or end first; the latter with the unmaps until then. */
  readonly #made = new Set<number>();
  readonly #ended = new Map<number, number>();
  #begun = false;
  #lost = false;

  constructor(host: HostKnown, dumps: Dumps) {
    this.#host = host;
    this.#dumps = dumps;
    const sought = (dump: DumpedHost): Sought => ({ dump, life: null, grants: null });
    this.#before = dumps.before.map(sought);
    this.#mid = dumps.mid.map(sought);
  }

  /** Something is about to happen to a domain. */
  happens(): void {
    if (this.#begun) return;
    this.#begun = true;
    for (const s of this.#before) s.life = lifeProblems(this.#host, s.dump);
  }

  /** Something has happened: a moment that dumps from between may be of. */
  happened(): void {
    for (const s of this.#mid) {
      s.life = fewer(s.life, lifeProblems(this.#host, s.dump));
      s.grants = fewer(s.grants, grantProblems(this.#host, s.dump));
    }
  }

  made(domain: number): void {
    if (!this.#lost && !this.#ended.has(domain)) this.#made.add(domain);
  }

  /** The last reference goes, after so many unmaps of its grants since the trace began. */
  ended(domain: number, unmaps: number): void {
    if (!this.#lost && !this.#made.has(domain) && !this.#ended.has(domain)) {
      this.#ended.set(domain, unmaps);
    }
  }

  /** Records are lost: what happened first is not known from here on. */
  loses(): void {
    this.#lost = true;
  }

  /** The trace is over. */
  verdicts(): readonly DumpVerdict[] {
    this.happens();
    this.happened();
    return [
      ...this.#before.map(({ dump, life }) => ({
        path: dump.path,
        taken: 'before' as const,
        problems: [...(life ?? []), ...this.#laterProblems(dump)],
      })),
      ...this.#mid.map(({ dump, life, grants }) => ({
        path: dump.path,
        taken: 'mid' as const,
        problems: [...(life ?? []), ...(grants ?? [])],
      })),
      ...this.#dumps.after.map((dump) => ({
        path: dump.path,
        taken: 'after' as const,
        problems: [...lifeProblems(this.#host, dump), ...grantProblems(this.#host, dump)],
      })),
    ];
  }

  /** What the trace shows later of the time before. */
  #laterProblems(dump: DumpedHost): string[] {
    const made = [...this.#made]
      .filter((domain) => dump.domains.has(domain))
      .map((domain) => `d${domain} was created only later, and is there`);
    const ended = [...this.#ended].flatMap(([domain, unmaps]) => {
      const dumped = dump.domains.get(domain);
      if (dumped === undefined) return [`d${domain} ended only later, and is not there`];
      return dumped.mapped <= unmaps
        ? []
        : [`d${domain} went after ${unmaps} unmaps, and has ${dumped.mapped} grant mappings`];
    });
    return [...made, ...ended];
  }
}
