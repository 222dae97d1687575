/** Random charts: any nesting, any targets, small contexts. */
import fc from 'fast-check';
import { assign, createMachine, enqueueActions, not, or, raise, stateIn } from 'xstate';

/** How a random node looks; indices are taken modulo what there is. */
interface Shape {
  readonly kind: number;
  readonly kids: readonly Shape[];
  readonly history: number;
  readonly on: readonly Edge[];
  readonly always: readonly Edge[];
  readonly entry: number;
  readonly exit: number;
  readonly done: number;
}

interface Edge {
  readonly event: number;
  readonly target: number;
  readonly guard: number;
  readonly action: number;
  readonly reenter: boolean;
}

export const EVENTS = ['A', 'B', 'C', 'D', 'E'].map((type, i) => ({ type, i }));

const small = fc.nat({ max: 999 });
const edge = fc.record<Edge>({
  event: small,
  target: small,
  guard: small,
  action: small,
  reenter: fc.boolean(),
});
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.record<Shape>({
    kind: small,
    kids: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
    ),
    history: small,
    on: fc.array(edge, { maxLength: 2 }),
    always: fc.array(edge, { maxLength: 1 }),
    entry: small,
    exit: small,
    done: small,
  }),
}));

/** Nodes with more in them: several children and transitions each. */
function richShape(depth: number): fc.Arbitrary<Shape> {
  const kids = fc.array(depth === 0 ? fc.constant(undefined as never) : richShape(depth - 1), {
    minLength: 2,
    maxLength: 3,
  });
  return fc.record<Shape>({
    kind: small,
    kids: depth === 0 ? fc.constant([]) : fc.oneof(fc.constant([]), kids),
    history: small,
    on: fc.array(edge, { minLength: 1, maxLength: 4 }),
    always: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.array(edge, { maxLength: 1 })),
    entry: small,
    exit: small,
    done: small,
  });
}

type Ctx = { context: { n: number; flags: boolean[] } };
type Arg = Ctx & { event: { i?: number } };

function actionOf(code: number): unknown[] {
  switch (code % 9) {
    case 0:
      return [assign({ n: ({ context }: Ctx) => (context.n + 1) % 3 })];
    case 1:
      return [
        assign({
          flags: ({ context, event }: Arg) =>
            context.flags.map((f, i) => (i === (event.i ?? 0) % 2 ? !f : f)),
        } as never),
      ];
    case 2:
      return [assign(({ context }: Ctx) => ({ n: context.flags[0] ? 0 : context.n }))];
    case 3:
      return [raise({ type: EVENTS[Math.floor(code / 9) % 5]?.type ?? 'A', i: 1 } as never)];
    case 4:
      return [
        enqueueActions(({ context, enqueue, check }) => {
          if (context['n'] === 1) enqueue.assign({ n: 2 });
          if (check(({ context: now }) => now['flags'][1] === true)) {
            enqueue.assign({ flags: [false, false] });
          }
        }),
      ];
    default:
      return [];
  }
}

/** A chart and its ids, so that guards and targets can point anywhere. */
export const randomMachine = fc
  .array(shape, { minLength: 1, maxLength: 3 })
  .map((tops) => ({ tops, machine: build(tops) }));

/** As `randomMachine`, but charts in which more happens: dozens of states, as a rule. */
export const richMachine = fc
  .noBias(fc.array(richShape(2), { minLength: 2, maxLength: 4 }))
  .map((tops) => ({ tops, machine: build(tops) }));

function build(tops: readonly Shape[]) {
  const ids: string[] = [];
  const name = (s: Shape, path: string): void => {
    ids.push(path);
    for (const [i, kid] of s.kids.entries()) name(kid, `${path}_${i}`);
    if (s.kids.length > 0 && s.history % 3 === 0) ids.push(`${path}_h`);
  };
  for (const [i, top] of tops.entries()) name(top, `s${i}`);
  const guardOf = (code: number): object => {
    const at = stateIn(`#${ids[Math.floor(code / 7) % ids.length]}` as never);
    switch (code % 7) {
      case 0:
        return { guard: at };
      case 1:
        return { guard: not(at) };
      case 2:
        return { guard: ({ context }: Ctx) => context.n === code % 3 };
      case 3:
        return { guard: or([at, ({ context }: Ctx) => context.flags[0] === true]) };
      default:
        return {};
    }
  };
  const edgeOf = (e: Edge, eventless: boolean): object => ({
    ...(e.target % 4 === 3
      ? {}
      : { target: `#${ids[e.target % ids.length]}`, ...(e.reenter ? { reenter: true } : {}) }),
    ...(eventless ? { guard: ({ context }: Ctx) => context.n === e.guard % 3 } : guardOf(e.guard)),
    actions: eventless
      ? [assign({ n: ({ context }: Ctx) => (context.n + 1) % 3 })]
      : actionOf(e.action),
  });
  const stateOf = (s: Shape, path: string, region: boolean): object => {
    const on: Record<string, object[]> = {};
    for (const e of s.on) {
      const type = EVENTS[e.event % 5]?.type ?? 'A';
      on[type] ??= [];
      on[type].push(edgeOf(e, false));
    }
    const common = {
      id: path,
      on,
      entry: actionOf(s.entry),
      exit: actionOf(s.exit),
      ...(s.always.length > 0 && s.done % 2 === 0
        ? { always: s.always.map((e) => edgeOf(e, true)) }
        : {}),
    };
    if (s.kids.length === 0) {
      return !region && s.kind % 5 === 4 ? { id: path, type: 'final' } : common;
    }
    const parallel = s.kind % 3 === 0;
    const states: Record<string, object> = {};
    for (const [i, kid] of s.kids.entries())
      states[`k${i}`] = stateOf(kid, `${path}_${i}`, parallel);
    if (s.history % 3 === 0) {
      states['h'] = {
        id: `${path}_h`,
        type: 'history',
        history: s.history % 2 === 0 ? 'deep' : 'shallow',
      };
    }
    const done = s.done % 3 === 0 ? { onDone: { actions: assign({ n: 0 }) } } : {};
    return { ...common, ...done, states, ...(parallel ? { type: 'parallel' } : { initial: 'k0' }) };
  };
  return createMachine({
    context: { n: 0, flags: [false, false] },
    initial: 's0',
    options: { maxIterations: 300 },
    states: Object.fromEntries(tops.map((top, i) => [`s${i}`, stateOf(top, `s${i}`, false)])),
  } as never);
}
