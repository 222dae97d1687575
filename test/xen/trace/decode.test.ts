import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decodeRecord, KNOWN_CODES, type TraceEvent } from '../../../src/xen/trace/decode.ts';
import { hypercallArg, hypercallOp } from '../../../src/xen/trace/events/hypercall.ts';
import { readTraceBytes } from '../../../src/xen/trace/read.ts';
import { bytesOf, lost, runstate, type Sample, windowOf } from './encode.ts';

const eventsOf = (...samples: readonly Sample[]): TraceEvent[] => {
  const found: TraceEvent[] = [];
  readTraceBytes(bytesOf(windowOf(0, samples)), (r) => {
    found.push(decodeRecord(r));
    return undefined;
  });
  return found;
};

const only = (event: number, ...words: readonly number[]): TraceEvent | undefined =>
  eventsOf({ event, tsc: 1n, words })[0];

describe('words become named fields', () => {
  test.each<[number, readonly number[], TraceEvent]>([
    [0x28001, [7], { type: 'sched_dom_add', domain: 7 }],
    [0x28002, [7], { type: 'sched_dom_rem', domain: 7 }],
    [0x28003, [7, 1], { type: 'sched_sleep', domain: 7, vcpu: 1 }],
    [0x28007, [7, 1, 3], { type: 'sched_shutdown', domain: 7, vcpu: 1, reason: 3 }],
    [
      0x2800a,
      [32767, 0, 7, 1],
      {
        type: 'sched_switch',
        previous: { domain: 32767, unit: 0 },
        next: { domain: 7, unit: 1 },
      },
    ],
    [
      0x2800f,
      [7, 1, 500, 0xffff_ffff],
      { type: 'sched_switch_infnext', domain: 7, unit: 1, waitedNs: 500, sliceNs: -1 },
    ],
    [0x21002, [0x0007_0001], { type: 'sched_continue_running', domain: 7, vcpu: 1 }],
    [0x41001, [7], { type: 'dom0_dom_add', domain: 7 }],
    [0x41002, [7], { type: 'dom0_dom_rem', domain: 7 }],
    [0x10f001, [7], { type: 'mem_page_grant_map', domain: 7 }],
    [0x10f002, [7], { type: 'mem_page_grant_unmap', domain: 7 }],
    [0x10f003, [7], { type: 'mem_page_grant_transfer', domain: 7 }],
    [
      0x10f004,
      [0x10, 0, 0x20, 1, 2, 0x0009_0007],
      {
        type: 'mem_set_p2m_entry',
        gfn: { hi: 0, lo: 0x10 },
        mfn: { hi: 1, lo: 0x20 },
        p2mType: 2,
        domain: 7,
        order: 9,
      },
    ],
    [
      0x22203,
      [0x0007_0001, 0xffff_ffff, 5, 6],
      { type: 'csched2_credit_burn', domain: 7, unit: 1, credit: -1, budget: 5, delta: 6 },
    ],
    [0x22005, [7, 1, 3], { type: 'csched_picked_cpu', domain: 7, unit: 1, processor: 3 }],
    [
      0x22806,
      [0x2101_0003],
      { type: 'rtds_schedule', processor: 3, tasklet: 1, tickled: 1, idle: 2 },
    ],
    [
      0x22a04,
      [0x0007_0001, 0x0005_0004],
      { type: 'snull_migrate', domain: 7, unit: 1, from: 4, to: 5 },
    ],
    [
      0x201103,
      [0x1000, 0xffff_8000, 0x0004_800e],
      {
        type: 'pv_trap',
        ip: { hi: 0xffff_8000, lo: 0x1000 },
        trap: 14,
        hasErrorCode: true,
        errorCode: 4,
      },
    ],
    [
      0x201003,
      [0x1000, 0x0000_0003],
      { type: 'pv_trap', ip: { hi: 0, lo: 0x1000 }, trap: 3, hasErrorCode: false, errorCode: 0 },
    ],
    [
      0x81102,
      [0x30, 0x1000, 0xffff_8000],
      { type: 'hvm_vmexit', nested: false, reason: 0x30, ip: { hi: 0xffff_8000, lo: 0x1000 } },
    ],
    [0x82012, [29], { type: 'hvm_vmmcall', op: 29 }],
    [0x802008, [9, 100, 200], { type: 'hw_irq_handled', irq: 9, tscIn: 100, tscOut: 200 }],
    [
      0x802003,
      [0x0030_0009, 3, 0, 0, 0, 0, 0],
      { type: 'hw_irq_bind_vector', irq: 9, vector: 0x30, cpus: 3 },
    ],
  ])('%s', (event, words, expected) => {
    expect(only(event, ...words)).toEqual(expected);
  });

  test('the stack rubbish behind an extent is not looked at', () => {
    const extent = [0x1fe0, 0, 0x0000_000b];
    const clean = only(0x10f005, ...extent, 0);
    expect(clean).toEqual({
      type: 'mem_decrease_reservation',
      gfn: { hi: 0, lo: 0x1fe0 },
      domain: 11,
      order: 0,
    });
    expect(only(0x10f005, ...extent, 0xffff_8301)).toEqual(clean);
  });

  test('all sixteen runstate changes, by their two states', () => {
    const names = ['running', 'runnable', 'blocked', 'offline'];
    for (const [from, fromName] of names.entries()) {
      for (const [to, toName] of names.entries()) {
        expect(eventsOf(runstate(1n, 9, 2, from, to))).toEqual([
          { type: 'runstate_change', domain: 9, vcpu: 2, from: fromName, to: toName },
        ]);
      }
    }
  });

  test('lost records: how many, who runs, from when until when', () => {
    expect(eventsOf(lost((3n << 32n) + 9n, 2466, 5, 1, (2n << 32n) + 8n))).toEqual([
      {
        type: 'lost_records',
        count: 2466,
        domain: 5,
        vcpu: 1,
        first: { hi: 2, lo: 8 },
        until: { hi: 3, lo: 9 },
      },
    ]);
  });
});

describe('hypercalls', () => {
  test('arguments of both widths in their places', () => {
    // Argument 1 has 32 bits, argument 3 has 64.
    const word = 20 + 2 ** 22 + 2 * 2 ** 26;
    expect(only(0x20100d, word, 0xaaaa, 0xbbbb, 0xcccc)).toEqual({
      type: 'pv_hypercall',
      op: 20,
      args: [
        { index: 1, bits: 32, hi: 0, lo: 0xaaaa },
        { index: 3, bits: 64, hi: 0xcccc, lo: 0xbbbb },
      ],
    });
  });

  test.each<[string, readonly number[]]>([
    ['an argument is missing', [20 + 2 ** 20]],
    ['there is a word too many', [20, 1]],
    ['presence bits are reserved', [20 + 3 * 2 ** 20, 1, 2, 3]],
    ['there is no word', []],
  ])('%s: unknown, and a misfit', (_, words) => {
    expect(only(0x20100d, ...words)).toEqual({
      type: 'unknown',
      event: 0x20100d,
      misfit: true,
      words,
    });
  });

  const argsArb = fc.array(fc.constantFrom(0, 1, 2), { minLength: 6, maxLength: 6 });
  propertyTest.prop([fc.nat(0xf_ffff), argsArb])(
    'the way without objects agrees with the event',
    (op, presence) => {
      const words = presence.reduce<number>((sum, present) => sum + present, 0);
      fc.pre(words <= 6);
      const word = presence.reduce<number>(
        (sum, present, i) => sum + present * 2 ** (20 + 2 * i),
        op,
      );
      const sample = {
        event: 0x20200e,
        tsc: 1n,
        words: [word, ...Array.from({ length: words }, (_, i) => 1000 + i)],
      };
      let direct: readonly number[] = [];
      let event: TraceEvent | undefined;
      readTraceBytes(bytesOf(windowOf(0, [sample])), (r) => {
        expect(hypercallOp(r)).toBe(op);
        direct = presence.map((_, index) => hypercallArg(r, index));
        event = decodeRecord(r);
        return undefined;
      });
      expect(event?.type).toBe('pv_hypercall_subcall');
      const args = event?.type === 'pv_hypercall_subcall' ? event.args : [];
      const named = presence.map((_, i) => args.find(({ index }) => index === i)?.lo ?? -1);
      expect(direct).toEqual(named);
    },
  );
});

describe('what has no name', () => {
  test('passes with its words', () => {
    expect(only(0x800f123, 1, 2)).toEqual({
      type: 'unknown',
      event: 0x800f123,
      misfit: false,
      words: [1, 2],
    });
  });

  test('so does a known record that is too short', () => {
    expect(only(0x28003, 7)).toEqual({
      type: 'unknown',
      event: 0x28003,
      misfit: true,
      words: [7],
    });
  });

  test('every known code needs the words that its fields read', () => {
    expect(new Set(KNOWN_CODES).size).toBe(KNOWN_CODES.length);
    for (const code of KNOWN_CODES) {
      if (code === 0x1f001 || code === 0x20100d || code === 0x20200e) continue;
      // Distinct words: a field that reads beyond the least length would see 0.
      const full = [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17];
      const least = full.findIndex((_, n) => only(code, ...full.slice(0, n))?.type !== 'unknown');
      const words = full.slice(0, least === -1 ? 7 : least);
      const short = only(code, ...words);
      expect(short?.type).not.toBe('unknown');
      if (code === 0x82020 || code === 0x8200f) continue;
      expect(only(code, ...full)).toEqual(short);
    }
  });

  propertyTest.prop([
    fc.constantFrom(...KNOWN_CODES.filter((code) => code >>> 12 !== 0x1f)),
    fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 7 }),
  ])('any words are named or passed on, never refused', (event, words) => {
    const named = only(event, ...words);
    expect(named).toBeDefined();
    expect(JSON.parse(JSON.stringify(named))).toEqual(named);
    if (named?.type === 'unknown') expect(named.words).toEqual(words);
  });
});
