/** Each rule of order has a stream that breaks it, refused when written and when read. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { domid, vcpuId } from '../../src/host/ids.ts';
import type { StreamError } from '../../src/stream/errors.ts';
import { encodeImageHeader } from '../../src/stream/framing/headers.ts';
import { encodeRecord } from '../../src/stream/framing/record.ts';
import { readStream } from '../../src/stream/reader.ts';
import type { OrderErrorKind } from '../../src/stream/records/order.ts';
import {
  definitionOf,
  type LuRecord,
  RECORD_NAMES,
  record,
} from '../../src/stream/records/registry.ts';
import { RECORD_TYPE, type RecordName } from '../../src/stream/records/types.ts';
import { encode } from '../../src/stream/schema/schema.ts';
import { encodeStream } from '../../src/stream/writer.ts';
import { d1, dom0, globals, sample } from './sample.ts';

const right = <A>(e: E.Either<unknown, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left));
  return e.right;
};

/** The bytes of records in whatever order, without a writer to judge them. */
const unjudged = (records: readonly LuRecord[]): Uint8Array =>
  Buffer.concat([
    encodeImageHeader(3),
    ...[...records, record('END', {})].map((r) =>
      right(encodeRecord(RECORD_TYPE[r.name], right(encode(definitionOf(r.name).schema, r.body)))),
    ),
  ]);

const errorsOf = (records: readonly LuRecord[]): StreamError[] => {
  const sides: E.Either<StreamError, unknown>[] = [
    encodeStream(records),
    readStream(unjudged(records)),
  ];
  return sides.map((side) => {
    if (E.isRight(side)) throw new Error('not refused');
    return side.left;
  });
};

/** Both sides refuse the records for the same reason. */
const refused = (records: readonly LuRecord[], kind: OrderErrorKind, name: RecordName): void => {
  const [written, read] = errorsOf(records);
  expect(written).toMatchObject({ kind: 'order', error: { kind, record: name } });
  expect(read).toEqual(written);
};

test('records in the order of the sample are not refused', () => {
  expect(E.isRight(readStream(unjudged(sample())))).toBe(true);
  expect(unjudged(sample())).toEqual(Buffer.from(right(encodeStream(sample()))));
});

const indexOf = (records: readonly LuRecord[], name: RecordName): number =>
  records.findIndex((r) => r.name === name);
/** Moves every record of one name to just before the first of another. */
const moved = (block: LuRecord[], name: RecordName, before: RecordName): LuRecord[] => {
  const rest = block.filter((r) => r.name !== name);
  const these = block.filter((r) => r.name === name);
  return rest.toSpliced(indexOf(rest, before), 0, ...these);
};
const blockWith = (...names: RecordName[]): LuRecord[] => {
  const block = [dom0(), d1()].find((b) => names.every((n) => indexOf(b, n) >= 0));
  if (block === undefined) throw new Error(`no sample with ${names.join(', ')}`);
  return block;
};

const rules = RECORD_NAMES.filter((n) => n !== 'PAGE_COUNTS').flatMap((name) => {
  const { needs, follows } = definitionOf(name);
  return [...needs.map((n) => [name, n] as const), ...follows.map((n) => [name, n] as const)];
});

describe('prerequisites of section 11', () => {
  /** Is `first` before `then` by the declared rules, directly or through others? */
  const precedes = (first: RecordName, then: RecordName): boolean => {
    const { needs, follows } = definitionOf(then);
    return [...needs, ...follows].some((n) => n === first || precedes(first, n));
  };

  /** Written from the facts, not from the definitions. */
  test.each<[number, RecordName, RecordName]>([
    [4, 'DOMAIN', 'PAGES'],
    [4, 'DOMAIN', 'XENHEAP'],
    [5, 'DOMAIN', 'P2M'],
    [5, 'P2M', 'VCPU'],
    [6, 'DOMAIN', 'VCPU'],
    [8, 'PAGES', 'GRANT_TABLE'],
    [8, 'XENHEAP', 'GRANT_TABLE'],
    [8, 'GRANT_TABLE', 'MAPTRACK'],
    [9, 'PAGES', 'VCPU'],
    [10, 'PAGES', 'EVTCHN_FIFO'],
    [11, 'PAGES', 'DOMAIN_STATE'],
    [11, 'GRANT_TABLE', 'DOMAIN_STATE'],
    [11, 'EVTCHN_PORTS', 'DOMAIN_STATE'],
    [12, 'EVTCHN_ABI', 'EVTCHN_FIFO'],
    [12, 'EVTCHN_FIFO', 'EVTCHN_PORTS'],
    [12, 'EVTCHN_PORTS', 'EVTCHN_PRIORITIES'],
    [12, 'EVTCHN_PRIORITIES', 'EVTCHN_QUEUES'],
    [13, 'EVTCHN_PORTS', 'PIRQS'],
    [13, 'EVTCHN_PORTS', 'IOREQ_SERVERS'],
    [13, 'EVTCHN_PORTS', 'HVM_PARAMS'],
    [14, 'P2M', 'IOREQ_SERVERS'],
    [15, 'HVM_PARAMS', 'VCPU'],
    [18, 'VCPU', 'VCPU_TIMERS'],
    [18, 'VCPU', 'VCPU_RUNSTATE'],
  ])('rule %i: %s before %s', (rule, first, then) => {
    expect(precedes(first, then)).toBe(true);
    expect(precedes(then, first)).toBe(false);
    if (rule > 6) expect(definitionOf(then).orderSources.join()).toContain('section 11 rule');
  });

  test.each(rules)('%s does not come before %s', (name, prerequisite) => {
    const block = moved(blockWith(name, prerequisite), name, prerequisite);
    for (const error of errorsOf([...globals(), ...block]))
      expect(error).toMatchObject({ kind: 'order' });
  });

  test.each(rules.filter(([n, p]) => definitionOf(n).needs.includes(p) && p !== 'DOMAIN'))(
    '%s does not come without %s',
    (name, prerequisite) => {
      const block = blockWith(name, prerequisite).filter((r) => r.name !== prerequisite);
      const [written, read] = errorsOf([...globals(), ...block]);
      expect(written).toMatchObject({ kind: 'order', error: { kind: 'prerequisite' } });
      expect(read).toEqual(written);
    },
  );

  test.each(rules.filter(([n, p]) => definitionOf(n).follows.includes(p)))(
    '%s may do without %s, but not come before it',
    (name, prerequisite) => {
      const block = blockWith(name, prerequisite);
      const found = errorsOf([...globals(), ...moved(block, prerequisite, 'DOMAIN_STATE')]);
      for (const error of found) expect(error).toMatchObject({ kind: 'order' });
    },
  );
});

describe('the order within event channels', () => {
  test('ports before the ABI', () => {
    refused(
      [...globals(), ...moved(d1(), 'EVTCHN_PORTS', 'EVTCHN_ABI')],
      'prerequisite',
      'EVTCHN_PORTS',
    );
  });
  test('the pages of the ABI after the ports', () => {
    refused([...globals(), ...moved(dom0(), 'EVTCHN_PORTS', 'EVTCHN_FIFO')], 'late', 'EVTCHN_FIFO');
  });
  test('queues before priorities', () => {
    refused(
      [...globals(), ...moved(dom0(), 'EVTCHN_QUEUES', 'EVTCHN_PRIORITIES')],
      'prerequisite',
      'EVTCHN_QUEUES',
    );
  });
});

describe('what a stream and a block must have', () => {
  test.each(RECORD_NAMES.filter((n) => definitionOf(n).presence === 'always'))('%s', (name) => {
    if (name === 'END') return;
    const records = sample().filter((r) => r.name !== name);
    for (const error of errorsOf(records)) expect(error).toMatchObject({ kind: 'order' });
  });

  test('the P2M before the first domain, not after', () => {
    const m2p = globals().filter((r) => r.name === 'M2P');
    const rest = globals().filter((r) => r.name !== 'M2P');
    refused([...rest, ...d1(), ...m2p], 'missing', 'M2P');
    refused(rest, 'missing', 'M2P');
  });

  test('its last records', () => {
    refused(
      [...globals(), ...d1().filter((r) => r.name !== 'DOMAIN_STATE')],
      'missing',
      'DOMAIN_STATE',
    );
  });
});

describe('places', () => {
  test('LU_VERSION is first', () => {
    refused([...globals().slice(1), ...d1()], 'misplaced', 'REGIONS');
    refused([], 'misplaced', 'END');
  });
  test('system-wide records come before all domains (rule 3)', () => {
    const time = globals().filter((r) => r.name === 'SYSTEM_TIME');
    const rest = globals().filter((r) => r.name !== 'SYSTEM_TIME');
    refused([...rest, ...d1(), ...time], 'misplaced', 'SYSTEM_TIME');
    refused([...rest, ...d1().toSpliced(3, 0, ...time)], 'misplaced', 'SYSTEM_TIME');
  });
  test("a domain's records stand in its block", () => {
    refused([...globals(), ...d1().slice(1)], 'misplaced', 'P2M');
    refused([...globals(), record('END_OF_DOMAIN', {})], 'misplaced', 'END_OF_DOMAIN');
  });
  test('a block is closed before the next, and before the end', () => {
    refused([...globals(), ...dom0().slice(0, -1), ...d1()], 'misplaced', 'DOMAIN');
    refused([...globals(), ...d1().slice(0, -1)], 'misplaced', 'END');
  });
  test('nothing comes behind END', () => {
    const records = [...globals(), record('END', {}), ...d1()];
    expect(encodeStream(records)).toMatchObject({
      left: { kind: 'order', error: { kind: 'misplaced', detail: 'behind END' } },
    });
  });
});

describe('twice', () => {
  test('the same domain', () => {
    refused([...globals(), ...d1(), ...d1()], 'duplicate', 'DOMAIN');
  });
  test.each(RECORD_NAMES.filter((n) => definitionOf(n).presence === 'optional'))('%s', (name) => {
    if (name === 'PAGE_COUNTS') return;
    const records = sample();
    const at = indexOf(records, name);
    refused(records.toSpliced(at, 0, records[at] as LuRecord), 'duplicate', name);
  });
  test('the same vCPU, its timers, its runstate', () => {
    for (const name of ['VCPU', 'VCPU_TIMERS', 'VCPU_RUNSTATE'] as const) {
      const block = dom0();
      const at = indexOf(block, name);
      const twice = block.toSpliced(at, 0, block[at] as LuRecord);
      refused([...globals(), ...twice], 'duplicate', name);
    }
  });
  test('but not the same record of two domains', () => {
    expect(E.isRight(encodeStream([...globals(), ...dom0(), ...d1()]))).toBe(true);
  });
});

describe('vCPUs', () => {
  const swap = (block: LuRecord[], name: RecordName): LuRecord[] => {
    const at = indexOf(block, name);
    return block.toSpliced(at, 2, block[at + 1] as LuRecord, block[at] as LuRecord);
  };
  test('come in the order of their ids, without gaps (F2.4)', () => {
    refused([...globals(), ...swap(dom0(), 'VCPU')], 'vcpu-order', 'VCPU');
    const gap = dom0().filter((r) => r.name !== 'VCPU' || r.body.vcpu !== 0);
    refused([...globals(), ...gap], 'vcpu-order', 'VCPU');
  });
  test('what belongs to them ascends too', () => {
    refused([...globals(), ...swap(dom0(), 'VCPU_RUNSTATE')], 'vcpu-order', 'VCPU_RUNSTATE');
  });
  test('what belongs to one needs it', () => {
    const timers = record('VCPU_TIMERS', { vcpu: vcpuId(2), singleshot: null, periodic: null });
    const block = dom0();
    const at = indexOf(block, 'VCPU_TIMERS') + 1;
    refused([...globals(), ...block.toSpliced(at, 0, timers)], 'prerequisite', 'VCPU_TIMERS');
  });
  test('of one domain do not count for the next', () => {
    const first = d1().map((r) =>
      r.name === 'DOMAIN' ? record('DOMAIN', { ...r.body, domid: domid(7) }) : r,
    );
    expect(E.isRight(encodeStream([...globals(), ...dom0(), ...first, ...d1()]))).toBe(true);
    const none = d1().filter((r) => r.name !== 'VCPU');
    refused([...globals(), ...dom0(), ...none], 'prerequisite', 'VCPU_RUNSTATE');
  });
});
