/**
 * Kinds of traces that the given ones do not show, made by hand: what the
 * machines allow is accepted, what they do not is found.
 */
import { describe, expect, test } from 'vitest';
import { accepted, destroyed, diverges, gone, guest, seen, suspended } from './checking.ts';
import { CALL, Script, startGuest, withDom0 } from './script.ts';

describe('accepted', () => {
  test('a guest from its creation to its end', async () => {
    const result = await accepted(gone(destroyed(guest().block(1))));
    expect(seen(result, 'domain', 'absent', 'alive')).toBe(1);
    expect(seen(result, 'domain', 'alive.controller.created', 'alive.controller.released')).toBe(1);
    expect(seen(result, 'domain', 'dead.destroyed', 'gone')).toBe(1);
  });

  test('save and resume: suspended, then resumed by the tool stack', async () => {
    const result = await accepted(
      suspended()
        .call(0, CALL.domctl)
        .sleep(0, 1, 0)
        .wake(0, 1, 0)
        .wake(0, 1, 0, 'runnable')
        .call(0, CALL.iret)
        .run(1, 1, 0)
        .call(1, CALL.iret),
    );
    expect(seen(result, 'domain', 'alive.shutdown.up', 'alive.shutdown.complete')).toBe(1);
    expect(
      seen(result, 'domain', 'alive.shutdown.complete.looking', 'alive.shutdown.complete.suspend'),
    ).toBe(1);
    // A soft reset ends with a resume, and its records are the same (F5.7).
    const resumed = result.machines
      .find(({ name }) => name === 'domain')
      ?.transitions.filter((t) => t.from === 'alive.shutdown.complete' && t.possible > 0);
    expect(resumed?.map(({ event }) => event)).toEqual([
      'domctl.resumedomain',
      'domctl.soft_reset',
      'domctl.soft_reset-continue',
    ]);
  });

  test('save and destroy', async () => {
    await accepted(gone(destroyed(suspended())));
  });

  test('a guest that crashes by its own call, and is kept', async () => {
    await accepted(guest().shutdown(1, 1, 0, 3).sleep(1, 1, 0).idle(1, 'offline').wait(1e9));
  });

  test('a guest that Xen crashes: no SHUTDOWN is recorded', async () => {
    await accepted(gone(destroyed(guest().sleep(1, 1, 0).idle(1, 'offline'))));
  });

  test('a zombie, which goes with the last unmap on another CPU', async () => {
    const s = guest().map(0, 1).map(0, 1).block(1);
    destroyed(s).unmap(0, 1).wait(1e9).wake(0, 0, 1, 'runnable').run(1, 0, 1);
    await accepted(gone(s.unmap(1, 1), 1));
  });

  test('the last reference goes in the very call that destroys it', async () => {
    await accepted(
      guest().block(1).call(0, CALL.domctl).sleep(0, 1, 0).record(0, 0x41002, 1).call(0, CALL.iret),
    );
  });

  test('a PVH guest with two vCPUs: the second comes up by INIT and SIPI', async () => {
    const s = withDom0().create(0, 1).call(0, CALL.domctl);
    s.sample(0, { event: 0x10f004, words: [0xfffff, 0, 0x13ae82, 0, 0, 1] });
    s.sleep(0, 1, 0).sleep(0, 1, 1).call(0, CALL.domctl).wake(0, 1, 0, 'runnable').wake(0, 1, 1);
    s.call(0, CALL.iret).record(1, 0x28006, 0, 1).run(1, 1, 0, 'blocked');
    s.record(1, 0x82001, 0x401, 0).wake(1, 1, 1, 'runnable').record(1, 0x81001, 0, 0);
    await accepted(s.block(1).run(1, 1, 1).record(1, 0x81001, 0, 0).block(1));
  });

  test('an HVM vCPU that waits for its emulator is offline without a SLEEP', async () => {
    const s = startGuest(new Script(2).run(0, 0, 0).run(1, 0, 1), 1);
    const hvm = withDom0()
      .create(0, 1)
      .call(0, CALL.domctl)
      .wake(0, 1, 0, 'runnable')
      .call(0, CALL.iret);
    hvm
      .record(1, 0x28006, 0, 1)
      .run(1, 1, 0, 'blocked')
      .record(1, 0x81002, 0, 0)
      .idle(1, 'offline');
    for (let n = 0; n < 4; n++) hvm.wake(0, 0, 1, 'runnable').run(1, 0, 1).block(1);
    await accepted(hvm.wake(0, 1, 0, 'runnable').run(1, 1, 0));
    await accepted(s);
  });

  test('INIT and SIPI, by a softirq on whoever executes', async () => {
    const s = withDom0().create(0, 1).call(0, CALL.domctl).wake(0, 1, 0, 'runnable');
    s.call(0, CALL.iret).record(1, 0x28006, 0, 1).run(1, 1, 0, 'blocked').block(1);
    s.sleep(0, 1, 1).wake(0, 1, 1).sleep(0, 1, 0).wake(0, 1, 0);
    await accepted(s.call(0, CALL.iret).wake(1, 1, 0, 'runnable').run(1, 1, 0));
  });

  test('credit moves a vCPU: offline without a SLEEP, and woken at once', async () => {
    const s = guest().record(1, 0x22001, 1).idle(1, 'offline').wake(1, 1, 0, 'runnable');
    await accepted(s.run(0, 1, 0).call(0, CALL.iret).idle(0, 'runnable').run(0, 0, 0).run(1, 1, 0));
  });

  test('credit enforces a cap from its timer', async () => {
    const s = guest().block(1).record(0, 0x22001, 0).idle(0, 'runnable').wake(1, 1, 0, 'runnable');
    s.sleep(0, 1, 0).becomes(0, 1, 0, 'offline').run(0, 0, 0).idle(0, 'runnable');
    await accepted(s.wake(0, 1, 0, 'runnable').run(1, 1, 0));
  });

  test('pauses nest: the inner ones wake nobody', async () => {
    const s = guest().block(1);
    for (let n = 0; n < 3; n++) s.call(0, CALL.domctl).sleep(0, 1, 0).call(0, CALL.iret);
    s.wake(0, 1, 0, 'offline');
    for (let n = 0; n < 2; n++) s.call(0, CALL.domctl).call(0, CALL.iret);
    await accepted(
      s.call(0, CALL.domctl).wake(0, 1, 0, 'runnable').call(0, CALL.iret).run(1, 1, 0),
    );
  });

  test('a pause that comes while another CPU is choosing the vCPU', async () => {
    const s = guest().block(1).wake(0, 1, 0, 'runnable').call(0, CALL.domctl).sleep(0, 1, 0);
    await accepted(s.run(1, 1, 0).idle(1, 'offline').call(0, CALL.iret));
  });

  test('a creation that fails, and one whose id RCU has not freed yet', async () => {
    const s = withDom0().call(0, CALL.domctl).record(0, 0x41001, 1).call(0, CALL.iret);
    startGuest(s, 1).block(1);
    destroyed(s).record(0, 0x41002, 1).create(0, 1).call(0, CALL.iret);
    await accepted(s.record(0, 0x28002, 1).call(0, CALL.domctl).sleep(0, 1, 0));
  });

  test('a timer wakes a vCPU between its last reference and RCU', async () => {
    const s = destroyed(guest().block(1)).record(0, 0x41002, 1);
    await accepted(s.wake(1, 1, 0, 'offline').record(0, 0x28002, 1));
  });

  test('lost records: whatever happened meanwhile', async () => {
    const s = guest().map(0, 1);
    s.lost(1, 500, 0, 1, 1e6).assume('running', [0, 1]).assume('offline', [1, 0]);
    s.record(1, 0x2800b).becomes(1, 0, 1, 'runnable');
    const result = await accepted(s.record(0, 0x41002, 1).record(0, 0x28002, 1));
    expect(result.lost).toBe(500);
  });

  test('the same without lost records is not', async () => {
    const s = guest().map(0, 1).assume('running', [0, 1]).becomes(1, 0, 1, 'runnable');
    await diverges(s, 'd1v0', /another/);
  });

  test('a trace that starts in the middle of everything', async () => {
    const s = new Script(2, false).assume('blocked', [5, 0]);
    s.becomes(0, 5, 1, 'runnable')
      .record(1, 0x28001, 8)
      .unmap(1, 7)
      .record(1, 0x28002, 9)
      .wake(1, 5, 0, 'offline')
      .wake(1, 6, 0);
    await accepted(s.record(0, 0x41002, 7).record(0, 0x28002, 7));
  });

  test('a trace of runstates alone', async () => {
    const s = new Script(1, false).assume('blocked', [1, 0]);
    for (const state of ['runnable', 'running', 'blocked', 'runnable'] as const)
      s.becomes(0, 1, 0, state);
    await accepted(s);
  });

  test('a trace without runstates: nothing is known of who runs', async () => {
    const s = new Script(1, false).create(0, 1).map(0, 1).unmap(0, 1).unmap(0, 2);
    await accepted(s.record(0, 0x41002, 2));
  });
});

describe('always noticed', () => {
  test('a pause that never takes effect: the vCPU runs on when the call is over', async () => {
    const s = guest().call(0, CALL.domctl).sleep(0, 1, 0).call(0, CALL.iret);
    await diverges(s, 'd1v0', /still runs when the call is over/);
  });

  test('the same without hypercalls in the trace: the scheduler keeps it', async () => {
    const s = new Script(2).run(0, 0, 0).run(1, 1, 0).idle(1, 'runnable').run(1, 1, 0);
    s.sleep(0, 1, 0).idle(0, 'runnable');
    s.record(1, 0x28011, 1, 0, 1, 1).record(1, 0x21002, 65536);
    s.record(1, 0x28011, 1, 0, 1, 1).record(1, 0x21002, 65536);
    await diverges(s, 'd1v0', /kept running/);
  });

  test('a pause that never takes effect: a blocked vCPU wakes', async () => {
    const s = guest().block(1).call(0, CALL.domctl).sleep(0, 1, 0).call(0, CALL.iret);
    await diverges(s.wake(0, 1, 0, 'runnable'), 'd1v0', /becomes runnable/);
  });

  test('the same without hypercalls in the trace: an event wakes it on an idle CPU', async () => {
    const s = new Script(2).run(0, 0, 0).run(1, 1, 0).record(1, 0x28006, 1, 0).idle(1, 'blocked');
    await diverges(s.sleep(0, 1, 0).wake(1, 1, 0, 'runnable'), 'd1v0', /becomes runnable/);
  });

  test('a pause that never takes effect: a runnable vCPU is chosen', async () => {
    const s = guest().idle(1, 'runnable').call(0, CALL.domctl).sleep(0, 1, 0).call(0, CALL.iret);
    await diverges(s.run(1, 1, 0), 'd1v0', /is chosen to run/);
  });

  test('a domain gone while its grants are mapped', async () => {
    await diverges(gone(destroyed(guest().map(0, 1).block(1))), 'd1', /loses its last reference/);
  });

  test('a domain gone before the unmaps, in a trace that starts later', async () => {
    const s = withDom0().call(0, CALL.domctl).sleep(0, 7, 0).call(0, CALL.iret);
    await diverges(s.record(0, 0x41002, 7).unmap(0, 7), 'd7', /grant unmapped/);
  });

  test('an unpause that runs a guest that has shut down', async () => {
    for (const reason of [0, 1, 2, 3]) {
      const s = guest().shutdown(1, 1, 0, reason).sleep(1, 1, 0).idle(1, 'offline');
      await diverges(s.call(0, CALL.domctl).wake(0, 1, 0, 'runnable'), 'd1v0', /becomes runnable/);
    }
  });

  test('the same after a pause in an earlier call', async () => {
    const s = suspended().call(0, CALL.domctl).sleep(0, 1, 0).call(0, CALL.iret);
    await diverges(
      s.call(0, CALL.domctl).wake(0, 1, 0).call(0, CALL.domctl).wake(0, 1, 0, 'runnable'),
      'd1v0',
      /becomes runnable/,
    );
  });
});

describe('noticed', () => {
  test('a shutdown after which the guest goes on', async () => {
    await diverges(guest().shutdown(1, 1, 0, 0).call(1, CALL.iret), 'd1v0', /goes on/);
    await diverges(
      guest().shutdown(1, 1, 0, 0).sleep(1, 1, 0).call(1, CALL.iret),
      'd1v0',
      /makes a hypercall/,
    );
  });

  test('a domain that goes without having been destroyed', async () => {
    await diverges(guest().block(1).record(0, 0x41002, 1), 'd1v0', /loses its last reference/);
  });

  test('a domain freed before its last reference is dropped', async () => {
    await diverges(destroyed(guest().block(1)).record(0, 0x28002, 1), 'd1', /is freed/);
  });

  test('a vCPU of a domain that is gone', async () => {
    await diverges(gone(destroyed(guest().block(1))).wake(0, 1, 0), 'd1', /is woken/);
  });

  test('a vCPU that wakes by itself, or stops without asking to', async () => {
    await diverges(guest().block(1).becomes(0, 1, 0, 'runnable'), 'd1v0', /without one/);
    await diverges(guest().idle(1, 'blocked'), 'd1v0', /blocked without/);
  });

  test('a vCPU that stays offline with nothing to hold it', async () => {
    const s = guest().idle(1, 'offline');
    for (let n = 0; n < 4; n++) s.wake(0, 0, 1, 'runnable').run(1, 0, 1).block(1);
    await diverges(s, 'd1v0', /stays so/);
  });

  test('a grant mapped in a call that maps none, or more than asked for', async () => {
    await diverges(guest().call(0, CALL.evtchn).record(0, 0x10f001, 1), 'd1', /a grant is mapped/);
    await diverges(guest().map(0, 1).record(0, 0x10f001, 1), 'd1', /a grant is mapped/);
    await diverges(guest().unmap(0, 1), 'd1', /unmapped/);
  });

  test('a domain created twice, or known to the scheduler from nowhere', async () => {
    await diverges(guest().create(0, 1), 'd1', /is created/);
    await diverges(guest().call(0, CALL.domctl).record(0, 0x28001, 2), 'd2', /SCHED_DOM_ADD alone/);
  });

  test('a vCPU where another one runs', async () => {
    await diverges(guest().record(1, 0x28006, 0, 1), 'd0v1', /blocks/);
    await diverges(
      guest().assume('runnable', [0, 1]).becomes(1, 0, 1, 'running'),
      'd1v0',
      /another/,
    );
  });
});
