/**
 * Lamport's two-phase commit as XState machines: resource managers (RM), a
 * transaction manager (TM), and messages that are never lost and never removed.
 */
import { and, assign, createMachine, setup, stateIn } from 'xstate';

/** The events of N participants. */
export function eventsOf(n: number): { type: string }[] {
  const events: { type: string }[] = [{ type: 'tm.commit' }, { type: 'tm.abort' }];
  for (let i = 0; i < n; i++) {
    for (const what of ['prepare', 'abort', 'commits', 'aborts', 'hears']) {
      events.push({ type: `${what}.${i}` });
    }
  }
  return events;
}

/** Participants, messages and what the TM has heard as parallel regions. */
export function regions(n: number) {
  const states: Record<string, object> = {
    tm: {
      initial: 'init',
      states: {
        init: {
          on: {
            'tm.commit': {
              target: 'committed',
              guard: and(Array.from({ length: n }, (_, i) => stateIn({ [`heard${i}`]: 'yes' }))),
            },
            'tm.abort': 'aborted',
          },
        },
        committed: {},
        aborted: {},
      },
    },
  };
  for (let i = 0; i < n; i++) {
    states[`rm${i}`] = {
      initial: 'working',
      states: {
        working: {
          on: {
            [`prepare.${i}`]: 'prepared',
            [`abort.${i}`]: 'aborted',
            [`aborts.${i}`]: { target: 'aborted', guard: stateIn({ tm: 'aborted' }) },
          },
        },
        prepared: {
          on: {
            [`commits.${i}`]: { target: 'committed', guard: stateIn({ tm: 'committed' }) },
            [`aborts.${i}`]: { target: 'aborted', guard: stateIn({ tm: 'aborted' }) },
          },
        },
        committed: {},
        aborted: {},
      },
    };
    states[`sent${i}`] = {
      initial: 'no',
      states: {
        no: {
          on: { [`prepare.${i}`]: { target: 'yes', guard: stateIn({ [`rm${i}`]: 'working' }) } },
        },
        yes: {},
      },
    };
    states[`heard${i}`] = {
      initial: 'no',
      states: {
        no: {
          on: {
            [`hears.${i}`]: {
              target: 'yes',
              guard: and([stateIn({ tm: 'init' }), stateIn({ [`sent${i}`]: 'yes' })]),
            },
          },
        },
        yes: {},
      },
    };
  }
  return createMachine({ id: 'regions', type: 'parallel', states } as never);
}

/** The context of the array form. */
export interface Tables {
  rm: ('working' | 'prepared' | 'committed' | 'aborted')[];
  tm: 'init' | 'committed' | 'aborted';
  heard: boolean[];
  sent: boolean[];
}

type TableEvent =
  | { type: 'prepare' | 'abort' | 'commits' | 'aborts' | 'hears'; i: number }
  | { type: 'tm.commit' | 'tm.abort' };

/** The events of the array form. */
export function tableEventsOf(n: number): TableEvent[] {
  const events: TableEvent[] = [{ type: 'tm.commit' }, { type: 'tm.abort' }];
  for (let i = 0; i < n; i++) {
    for (const type of ['prepare', 'abort', 'commits', 'aborts', 'hears'] as const) {
      events.push({ type, i });
    }
  }
  return events;
}

type Put = <T>(list: readonly T[], i: number, value: T) => T[];

/**
 * The same protocol with arrays in the context.
 *
 * @param put a copy of a list with one item changed
 */
export function tables(
  n: number,
  put: Put = (list, i, value) => list.map((old, j) => (j === i ? value : old)),
) {
  const all = <T>(value: T): T[] => Array.from({ length: n }, () => value);
  return setup({ types: { context: {} as Tables, events: {} as TableEvent } }).createMachine({
    id: 'tables',
    context: {
      rm: all<Tables['rm'][number]>('working'),
      tm: 'init',
      heard: all(false),
      sent: all(false),
    },
    on: {
      prepare: {
        guard: ({ context, event }) => context.rm[event.i] === 'working',
        actions: assign({
          rm: ({ context, event }) => put(context.rm, event.i, 'prepared'),
          sent: ({ context, event }) => put(context.sent, event.i, true),
        }),
      },
      abort: {
        guard: ({ context, event }) => context.rm[event.i] === 'working',
        actions: assign({ rm: ({ context, event }) => put(context.rm, event.i, 'aborted') }),
      },
      commits: {
        guard: ({ context, event }) =>
          context.rm[event.i] === 'prepared' && context.tm === 'committed',
        actions: assign({ rm: ({ context, event }) => put(context.rm, event.i, 'committed') }),
      },
      aborts: {
        guard: ({ context, event }) =>
          context.rm[event.i] !== 'aborted' && context.tm === 'aborted',
        actions: assign({ rm: ({ context, event }) => put(context.rm, event.i, 'aborted') }),
      },
      hears: {
        guard: ({ context, event }) =>
          context.tm === 'init' && context.sent[event.i] === true && !context.heard[event.i],
        actions: assign({ heard: ({ context, event }) => put(context.heard, event.i, true) }),
      },
      'tm.commit': {
        guard: ({ context }) => context.tm === 'init' && context.heard.every(Boolean),
        actions: assign({ tm: 'committed' }),
      },
      'tm.abort': {
        guard: ({ context }) => context.tm === 'init',
        actions: assign({ tm: 'aborted' }),
      },
    },
  });
}

/** Either form with its events: what worker threads take as their subject. */
export function subject({ form, n }: { form: 'regions' | 'tables'; n: number }) {
  return form === 'regions'
    ? { machine: regions(n), options: { events: eventsOf(n) } }
    : { machine: tables(n), options: { events: tableEventsOf(n) } };
}
