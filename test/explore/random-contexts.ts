/** Random contexts: parts that come, go, change their kind and are copied from one place to another. */
import fc from 'fast-check';
import { type AnyStateMachine, assign, createMachine } from 'xstate';

type Value = null | number | string | readonly Value[] | { readonly [key: string]: Value };

/** Where something stands: a field of the context, and keys below it. */
interface Path {
  readonly field: number;
  readonly below: readonly number[];
}

interface Op {
  readonly kind: number;
  readonly to: Path;
  readonly from: Path;
  readonly value: Value;
}

interface Rule {
  readonly guard: number;
  readonly at: Path;
  readonly value: Value;
  readonly ops: readonly Op[];
  readonly whole: boolean;
}

const FIELDS = ['a', 'b', 'c'];
const KEYS = ['x', 'y', '0', '1'];
/** Deeper values are not made, nor longer lists: so there is an end. */
const MAX_DEPTH = 3;
const MAX_ITEMS = 2;

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
const isRecord = (value: Value | undefined): value is { readonly [key: string]: Value } =>
  typeof value === 'object' && value !== null && !isList(value);

const literal = fc.oneof<fc.Arbitrary<Value>[]>(
  fc.nat({ max: 2 }),
  fc.constantFrom('s', null),
  fc.constantFrom<Value>([], {}, [0], { x: 1 }, { y: [] }, { x: { y: 0 } }, [{ x: 0 }]),
);
const path = fc.record<Path>({
  field: fc.nat({ max: FIELDS.length - 1 }),
  below: fc.array(fc.nat({ max: KEYS.length - 1 }), { maxLength: 2 }),
});
const op = fc.record<Op>({ kind: fc.nat({ max: 99 }), to: path, from: path, value: literal });
const rule = fc.record<Rule>({
  guard: fc.nat({ max: 99 }),
  at: path,
  value: literal,
  ops: fc.array(op, { minLength: 1, maxLength: 3 }),
  whole: fc.boolean(),
});

type Context = Readonly<Record<string, Value>>;

const at = (context: Context, { field, below }: Path): Value | undefined => {
  let value: Value | undefined = context[FIELDS[field] as string];
  for (const step of below) {
    const key = KEYS[step] as string;
    if (isList(value)) value = value[Number(key)];
    else if (isRecord(value) && key in value) value = value[key];
    else return undefined;
  }
  return value;
};

const depthOf = (value: Value): number =>
  typeof value !== 'object' || value === null
    ? 0
    : 1 + Math.max(0, ...Object.values(value).map(depthOf));

/** A value with another one below it; as it was where there is no such place. */
const put = (
  value: Value | undefined,
  below: readonly number[],
  make: (old: Value) => Value,
): Value => {
  const [step, ...rest] = below;
  if (value === undefined) return make(null);
  if (step === undefined) return make(value);
  const key = KEYS[step] as string;
  if (isList(value)) {
    const index = Number(key);
    if (!(index < value.length)) return value;
    return value.map((item, i) => (i === index ? put(item, rest, make) : item));
  }
  if (isRecord(value)) return { ...value, [key]: put(value[key], rest, make) };
  return make(value);
};

/** What one operation makes of the field that it is about. */
const fieldAfter = (context: Context, { kind, to, from, value }: Op): Value => {
  const make = (old: Value): Value => {
    switch (kind % 8) {
      case 0:
        return at(context, from) ?? value;
      case 1:
        return isList(old) && old.length < MAX_ITEMS ? [...old, value] : old;
      case 2:
        return isList(old) ? old.slice(0, -1) : [];
      case 3: {
        if (!isRecord(old)) return {};
        const { x: _gone, ...kept } = old;
        return kept;
      }
      case 4:
        return typeof old === 'number' ? (old + 1) % 3 : 0;
      case 5:
        return isList(old) ? old.toReversed() : old;
      default:
        return value;
    }
  };
  const old = context[FIELDS[to.field] as string] as Value;
  const made = put(old, to.below, make);
  return depthOf(made) > MAX_DEPTH ? old : made;
};

const passes = ({ guard, at: path, value }: Rule, context: Context): boolean => {
  const here = at(context, path);
  switch (guard % 7) {
    case 0:
      return here === undefined;
    case 1:
      return isList(here) && here.length > 0;
    case 2:
      return JSON.stringify(here) === JSON.stringify(value);
    case 3:
      return isRecord(here) && 'x' in here;
    default:
      return true;
  }
};

const actionOf = (op: Op, whole: boolean): object => {
  const field = FIELDS[op.to.field] as string;
  return whole
    ? assign(({ context }: { context: Context }) => ({ [field]: fieldAfter(context, op) }))
    : assign({ [field]: ({ context }: { context: Context }) => fieldAfter(context, op) } as never);
};

/** A machine whose events rewrite its context, and the types of its events. */
export const contextMachine = fc
  .record({
    start: fc.tuple(literal, literal, literal),
    rules: fc.array(rule, { minLength: 5, maxLength: 10 }),
  })
  .map(({ start, rules }): { machine: AnyStateMachine; events: { type: string }[] } => {
    const on = Object.fromEntries(
      rules.map((one, i) => [
        `E${i}`,
        {
          guard: ({ context }: { context: Context }) => passes(one, context),
          actions: one.ops.map((o) => actionOf(o, one.whole)),
        },
      ]),
    );
    const context = Object.fromEntries(FIELDS.map((field, i) => [field, start[i]]));
    return {
      machine: createMachine({ context, on } as never),
      events: Object.keys(on).map((type) => ({ type })),
    };
  });
