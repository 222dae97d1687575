/** A member that joins a search which another thread has begun. */
import { fingerprint } from '../checkpoint.ts';
import type { Layout } from '../layout.ts';
import type { ExploreOptions, Predicate } from '../options.ts';
import { type Prepared, prepare } from '../prepare.ts';
import { Unexplorable } from '../problem.ts';
import type { Search } from '../search.ts';
import { isMachine } from '../xstate.ts';
import type { Share } from './hands.ts';
import { Ledger } from './ledger.ts';
import { Member } from './member.ts';
import { SharedStore } from './shared-store.ts';

/** What is asked of the search, as far as it can be told to another thread. */
export interface Asked {
  readonly always: readonly string[];
  readonly sometimes: readonly string[];
  readonly rest: Pick<ExploreOptions, 'deadlock' | 'stopWhenDone' | 'symmetry'>;
  /** Tells whether the other thread has the same machine. */
  readonly fingerprint: string;
}

/** What a search asks, for those who join it. */
export function askedOf(search: Search, options: ExploreOptions): Asked {
  const { deadlock, stopWhenDone, symmetry } = options;
  return {
    always: Object.keys(options.always ?? {}),
    sometimes: Object.keys(options.sometimes ?? {}),
    rest: {
      ...(deadlock === undefined ? {} : { deadlock }),
      ...(stopWhenDone === undefined ? {} : { stopWhenDone }),
      ...(symmetry === undefined ? {} : { symmetry }),
    },
    fingerprint: fingerprint(search),
  };
}

/**
 * A member for a machine that this thread has imported.
 *
 * @param given `{ machine, options }`
 * @throws Unexplorable if it is not what the search is about
 */
export function join(given: unknown, asked: Asked, share: Share): Member {
  const { machine, options = {} } = (given ?? {}) as {
    machine?: unknown;
    options?: ExploreOptions;
  };
  if (!isMachine(machine)) {
    throw new Unexplorable('options.subject', 'gives no XState v5 machine as `machine`');
  }
  let ledger: Ledger | undefined;
  let store: SharedStore | undefined;
  const sharing = {
    numbering: ({ slots, context }: Prepared['engine']) => {
      ledger = new Ledger(share.control, share.log, slots, context);
      return ledger;
    },
    store: (layout: Layout) => {
      store = new SharedStore(layout, share.control, true);
      return store;
    },
  };
  const own: ExploreOptions = {
    ...(options.events === undefined ? {} : { events: options.events }),
    ...(options.input === undefined ? {} : { input: options.input }),
    ...asked.rest,
    always: named(options.always, asked.always),
    sometimes: named(options.sometimes, asked.sometimes),
  };
  const prepared = prepare(machine, own, { keepOrder: false, whole: false, sharing });
  if (
    ledger === undefined ||
    store === undefined ||
    fingerprint(prepared.search) !== asked.fingerprint
  ) {
    throw new Unexplorable('options.subject', 'gives another machine, or other events');
  }
  const { control, tally, index, maxStates } = share;
  const mine = { own: tally.subarray(2 * index, 2 * index + 2), all: tally, maxStates };
  return new Member(prepared, store, ledger, control, mine);
}

function named(
  all: Readonly<Record<string, Predicate>> | undefined,
  names: readonly string[],
): Record<string, Predicate> {
  const picked: Record<string, Predicate> = {};
  for (const name of names) {
    const predicate = all?.[name];
    if (predicate === undefined) {
      throw new Unexplorable('options.subject', `has no property "${name}"`);
    }
    picked[name] = predicate;
  }
  return picked;
}
