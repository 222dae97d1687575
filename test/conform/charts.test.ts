/**
 * What traces show of the charts of a domain's end, of the call that ends it,
 * of grants and of calls that go on elsewhere.
 */
import { describe, expect, test } from 'vitest';
import { accepted, destroyed, diverges, gone, guest, possible, seen } from './checking.ts';
import { CALL, type Script, startGuest, withDom0 } from './script.ts';

const END = 'destroy-domain';

describe('the end of a domain', () => {
  test('a zombie: domain_kill is over, and what held it was a grant', async () => {
    const s = destroyed(guest().map(0, 1).block(1)).unmap(0, 1);
    const result = await accepted(gone(s).call(0, CALL.iret));
    expect(seen(result, END, 'untouched', 'teardown')).toBe(1);
    expect(seen(result, END, 'teardown.work.finishing', 'held')).toBe(1);
    expect(seen(result, END, 'held', 'over')).toBe(1);
    expect(seen(result, 'domain', 'dying.finishing', 'dead.zombie')).toBe(1);
    expect(seen(result, 'domain', 'dead.zombie', 'dead.destroyed')).toBe(1);
  });

  test('the same when the call is not seen to be over, and another CPU unmaps', async () => {
    const s = guest().map(0, 1).block(1).wake(0, 0, 1, 'runnable').run(1, 0, 1);
    s.call(1, CALL.iret).call(0, CALL.domctl).sleep(0, 1, 0).unmap(1, 1);
    const result = await accepted(gone(s, 1).call(0, CALL.iret));
    expect(seen(result, END, 'held', 'over')).toBe(1);
  });

  test('the last reference goes in a domctl: with domain_kill, or a zombie by another', async () => {
    const s = guest().block(1).call(0, CALL.domctl).sleep(0, 1, 0).record(0, 0x41002, 1);
    const result = await accepted(s.call(0, CALL.iret));
    expect(seen(result, END, 'untouched', 'teardown')).toBe(1);
    expect(seen(result, END, 'teardown.work.finishing', 'over')).toBe(0);
    expect(possible(result, END, 'domain.kill')).toBeGreaterThan(0);
  });

  test('a domain that never had a vCPU is destroyed without a SLEEP', async () => {
    const s = withDom0().create(0, 1).call(0, CALL.iret).call(0, CALL.domctl);
    const result = await accepted(gone(s).call(0, CALL.iret));
    expect(seen(result, 'domain', 'dead.destroyed', 'gone')).toBe(1);
    expect(seen(result, 'hypercall', 'none', 'preempted.perDomain.destroydomain')).toBe(1);
  });

  test('the id is given to another domain, with a new table', async () => {
    const s = gone(destroyed(guest().map(0, 1).unmap(0, 1).block(1)));
    s.create(0, 1).call(0, CALL.domctl).sleep(0, 1, 0).call(0, CALL.iret);
    const result = await accepted(s.map(0, 1));
    expect(seen(result, 'grant', 'table.noTable', 'table.v1')).toBe(2);
    expect(seen(result, 'grant', 'entry', 'entry.absent')).toBe(1);
  });

  test('a domain that is created by a call that creates none', async () => {
    const s = withDom0().call(0, CALL.evtchn).record(0, 0x41001, 1);
    await diverges(s, 'd1', /is created/);
  });
});

describe('grants', () => {
  test('the only mapping goes: the entry is idle again', async () => {
    const result = await accepted(guest().map(0, 1).unmap(0, 1).call(0, CALL.iret));
    expect(seen(result, 'grant', 'entry.invalid', 'entry.page')).toBe(1);
    expect(possible(result, 'grant', 'grant.map')).toBeGreaterThan(0);
    expect(possible(result, 'grant', 'grant.unmap')).toBeGreaterThan(0);
  });

  test('a mapper that dies takes its mappings with it, without a record', async () => {
    const s = withDom0().create(0, 1).create(0, 2).call(0, CALL.domctl).wake(0, 2, 0, 'runnable');
    s.call(0, CALL.iret).record(1, 0x28006, 0, 1).run(1, 2, 0, 'blocked').map(1, 1).block(1);
    s.call(0, CALL.domctl).sleep(0, 2, 0).call(0, CALL.iret).record(0, 0x41002, 2);
    s.call(0, CALL.domctl).sleep(0, 1, 0).call(0, CALL.iret);
    await accepted(gone(s).call(0, CALL.iret));
  });
});

describe('a call that goes on on another CPU', () => {
  /** dom0's vCPU 0 offlines a CPU, and sleeps until a tasklet has done it. */
  const continues = (): Script =>
    withDom0().block(1).call(0, CALL.sysctl).sleep(0, 0, 0).idle(0, 'offline');

  test('is seen to begin and to be answered', async () => {
    const s = continues().wake(1, 0, 0, 'runnable').run(0, 0, 0).call(0, CALL.iret);
    const result = await accepted(s);
    expect(seen(result, 'continue-on-cpu', 'none', 'pending.queued')).toBe(1);
    expect(seen(result, 'continue-on-cpu', 'pending', 'answered')).toBe(1);
  });

  test('keeps its caller from running', async () => {
    const s = withDom0().block(1).call(0, CALL.sysctl).sleep(0, 0, 0);
    await diverges(s.call(0, CALL.iret), 'd0v0', /makes a hypercall/);
  });

  test('is one of several reasons where the call is not known', async () => {
    const s = startGuest(withDom0(), 1).record(1, 0x28003, 1, 0).idle(1, 'offline');
    const result = await accepted(s);
    expect(seen(result, 'continue-on-cpu', 'none', 'pending.queued')).toBe(0);
    expect(possible(result, 'continue-on-cpu', 'sysctl.cpu_hotplug')).toBe(1);
  });
});

describe('a soft reset', () => {
  test('resumes a guest whose code asks for it, in one call', async () => {
    const s = guest().shutdown(1, 1, 0, 5).sleep(1, 1, 0).idle(1, 'offline');
    s.call(0, CALL.domctl).sleep(0, 1, 0).wake(0, 1, 0).wake(0, 1, 0, 'runnable');
    const result = await accepted(s.call(0, CALL.iret).run(1, 1, 0));
    const complete = 'alive.shutdown.complete';
    expect(seen(result, 'domain', `${complete}.looking`, `${complete}.softReset`)).toBe(1);
    expect(possible(result, 'domain', 'domctl.soft_reset')).toBeGreaterThan(0);
  });
});
