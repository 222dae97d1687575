/** Where a vCPU may stand, and what brings it to the boundary (R12, F3.9, F9.1, F9.6). */
import { describe, expect, test } from 'vitest';
import { domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { addIoreqServer, sendIoreq } from '../../src/host/build/ioreq.ts';
import { pauseByController, startDying } from '../../src/host/build/lifecycle.ts';
import { DOMCTL, HYPERVISOR, IOREQ, SYSCTL } from '../../src/host/constants.ts';
import { mfn } from '../../src/host/ids.ts';
import { standing } from '../support/standing.ts';

const where = { domid: 1, server: 0, vcpu: 0 };

describe('a request in flight (F9.1)', () => {
  const sent = (state: 1 | 2 | 3) => (draft: HostDraft) => {
    addIoreqServer(draft, 1, { emulator: 2 });
    sendIoreq(draft, 1, 0, 0, state);
  };
  test.each([
    [IOREQ.READY, 'not taken', { type: 'emulator.take', ...where }],
    [IOREQ.INPROCESS, 'being emulated', { type: 'emulator.respond', ...where }],
    [IOREQ.RESP_READY, 'answered, not completed', { type: 'vcpu.complete-io', domid: 1, vcpu: 0 }],
  ])('in state %i is %s', (state, words, progress) => {
    expect(standing('hvm', sent(state))).toEqual([
      {
        where: 'd1v0',
        domid: 1,
        what: `ioreq with the emulator in d2: ${words}`,
        sources: ['R12', 'F9.1', 'F9.6'],
        progress,
      },
    ]);
  });

  test.each([
    ['the tool stack', (draft: HostDraft) => pauseByController(draft, 1)],
    ['a monitor', (draft: HostDraft) => void domainAt(draft, 1).domain.pausers.push('vm_event')],
  ])('moves no further while %s has the domain paused', (_, pause) => {
    const found = standing('hvm', (draft) => {
      sent(2)(draft);
      pause(draft);
    });
    expect(found).toMatchObject([{ progress: null }]);
    expect(found[0]?.what).toMatch(/being emulated, and the vCPU is paused$/);
  });
});

describe('a domctl or sysctl whose interface changes (F3.9, S18)', () => {
  /** d2 stands at a call of that number and command about domain `rsi`. */
  const at = (rax: number, rdi: number, rsi: number) => (draft: HostDraft) =>
    void Object.assign(vcpuAt(domainAt(draft, 2), 0).registers, {
      rax,
      rdi,
      rsi,
      atHypercall: true,
    });
  const finish = { type: 'hypercall.finish', domid: 2, vcpu: 0 };
  const { domctl, sysctl } = HYPERVISOR;

  test.each([
    ['one that only reads', domctl, DOMCTL.getdomaininfo, finish],
    ['a list of domains', sysctl, SYSCTL.getdomaininfolist, finish],
    ['one with arguments in memory', domctl, DOMCTL.pausedomain, null],
    ['destroydomain that has not begun', domctl, DOMCTL.destroydomain, null],
    ['the number of a domctl as a sysctl', sysctl, DOMCTL.destroydomain, null],
  ])('%s', (_, rax, rdi, progress) => {
    const name = rax === domctl ? 'domctl' : 'sysctl';
    expect(standing('pv', at(rax, rdi, 1), {}, '4.11')).toEqual([
      {
        where: 'd2v0',
        domid: 2,
        what: `preempted in a ${name} whose interface version changes`,
        sources: ['F3.9', 'S18'],
        progress,
      },
    ]);
    expect(standing('pv', at(rax, rdi, 1))).toEqual([]);
  });

  test('destroydomain that has begun is finished, or its domain is gone', () => {
    const call = at(domctl, DOMCTL.destroydomain, 1);
    const beginning = (draft: HostDraft) => {
      call(draft);
      startDying(draft, 1);
    };
    const begun = standing('pv', beginning, {}, '4.11');
    expect(begun.find((o) => o.where === 'd2v0')?.progress).toEqual(finish);
    const gone = standing('pv', at(domctl, DOMCTL.destroydomain, 77), {}, '4.11');
    expect(gone).toMatchObject([{ progress: finish }]);
  });

  test('is none of a vCPU that stands at no hypercall', () => {
    const idle = standing(
      'pv',
      (draft) => {
        at(domctl, DOMCTL.getdomaininfo, 1)(draft);
        vcpuAt(domainAt(draft, 2), 0).registers.atHypercall = false;
      },
      {},
      '4.11',
    );
    expect(idle).toEqual([]);
  });
});

describe('what interrupted calls left (Q5, Q6)', () => {
  test('a page table that waits for its put is put, where the design says so (F8.9)', () => {
    const old = (draft: HostDraft) => {
      vcpuAt(domainAt(draft, 1), 0).oldGuestTable = { frame: mfn(1), partial: true };
    };
    expect(standing('pv', old, { Q6: 'finish' })).toMatchObject([
      { where: 'd1v0', sources: ['Q6', 'F8.9'], progress: { type: 'mm.put-old-table', vcpu: 0 } },
    ]);
    expect(standing('pv', old, { Q6: 'rederive' })).toEqual([]);
    expect(standing('pv', () => undefined, { Q6: 'finish' })).toEqual([]);
  });

  test('a paging operation goes on (F3.11)', () => {
    const half = (draft: HostDraft) => {
      const { domain } = domainAt(draft, 1);
      domain.pagingPreempt = { caller: domain.domid, op: 'clean', done: 1 };
    };
    expect(standing('hvm', half)).toEqual([
      {
        where: 'd1',
        domid: 1,
        what: 'a log-dirty clean is half done',
        sources: ['Q5', 'F3.11'],
        progress: { type: 'paging.continue', domid: 1 },
      },
    ]);
    expect(standing('hvm', half, { Q5: 'exact' })).toEqual([]);
  });

  test('a domain that dies has no vCPU to wait for; a zombie only where Q3 says so', () => {
    const dying = (dead: boolean) => (draft: HostDraft) => {
      addIoreqServer(draft, 1, { emulator: 2 });
      sendIoreq(draft, 1, 0, 0, IOREQ.READY);
      startDying(draft, 1, dead ? 'done' : 'none');
      if (dead) domainAt(draft, 1).domain.dying = 'dead';
    };
    expect(standing('hvm', dying(false)).map((o) => o.progress?.type)).toEqual(['domain.kill']);
    expect(standing('hvm', dying(true))).toEqual([]);
    expect(standing('hvm', dying(true), { Q3: 'wait' })).toEqual([
      {
        where: 'd1',
        domid: 1,
        what: 'a zombie: dead, but its pages are still referenced',
        sources: ['Q3', 'F2.16', 'S34'],
        progress: null,
        mayEnd: true,
      },
    ]);
  });
});
