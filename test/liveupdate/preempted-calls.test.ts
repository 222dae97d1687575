/** Updates with vCPUs that stand at hypercalls of each class of F3.4: what comes through, and how. */
import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { hostOf } from '../../properties/support/scenes.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { startDying } from '../../src/host/build/lifecycle.ts';
import { DOMCTL, HYPERVISOR, SYSCTL } from '../../src/host/constants.ts';
import { addressOf, extentsArgs } from '../../src/host/guest-buffer.ts';
import type { Host } from '../../src/host/host.ts';
import type { Registers } from '../../src/host/vcpu.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { ran, updated, version } from '../support/updates.ts';

const standing = (draft: HostDraft, domid: number, call: Partial<Registers>): void => {
  Object.assign(vcpuAt(domainAt(draft, domid), 0).registers, call, { atHypercall: true });
};
const domctl = (rdi: number) => ({ rax: HYPERVISOR.domctl, rdi, rsi: 1 });
const domctlHost = (call: Partial<Registers>, more: (draft: HostDraft) => void = () => undefined) =>
  hostOf(
    ['pv'],
    (draft) => {
      standing(draft, 0, call);
      more(draft);
    },
    { version: '4.14' },
  );
const dom0 = (host: Host) => host.xen.domains[0]?.vcpus[0]?.registers;
const happens = (host: Host, event: HostEvent, id = '4.17'): Host => {
  const next = apply(host, event, { version: version(id), design: defaultDesign });
  if (!isRight(next)) throw new Error(`${event.type}: ${JSON.stringify(next.left)}`);
  return next.right;
};

describe('a domctl that found the lock taken (C5)', () => {
  test('is issued again in xen#2, and xen#1 has done nothing of it', () => {
    const after = updated(domctlHost(domctl(DOMCTL.pausedomain)));
    expect(after.xen.domains[1]?.controllerPauseCount).toBe(0);
    expect(dom0(after)).toMatchObject({ ...domctl(DOMCTL.pausedomain), atHypercall: true });
    const again: HostEvent = { type: 'domctl.pausedomain', caller: 0, vcpu: 0, domid: 1 };
    expect(happens(after, again, '4.14').xen.domains[1]?.controllerPauseCount).toBe(1);
  });

  test('destroydomain that has begun is finished before its interface changes', () => {
    const dying = domctlHost(domctl(DOMCTL.destroydomain), (draft) => startDying(draft, 1));
    const after = updated(dying, { to: '4.15' });
    expect(after.xen.domains[1]).toBeUndefined();
    expect(dom0(after)).toMatchObject({ rax: 0, atHypercall: false });
  });

  test('one that only reads is answered in xen#1', () => {
    for (const call of [
      domctl(DOMCTL.getdomaininfo),
      { rax: HYPERVISOR.sysctl, rdi: SYSCTL.getdomaininfolist, rsi: 0 },
    ]) {
      const after = updated(domctlHost(call), { to: '4.17' });
      expect(dom0(after)).toMatchObject({ rax: 0, atHypercall: false });
    }
  });

  test.each([
    ['pausedomain', DOMCTL.pausedomain],
    ['destroydomain', DOMCTL.destroydomain],
    ['createdomain', DOMCTL.createdomain],
  ])('%s refuses an update to another interface, until it is through', (_name, command) => {
    const { outcome } = ran(domctlHost(domctl(command)), { to: '4.15' });
    expect(outcome).toMatchObject({
      kind: 'refused',
      reasons: [expect.stringContaining('preempted in a domctl whose interface version changes')],
    });
  });

  test('and does not once its vCPU has issued it again', () => {
    const again: HostEvent = { type: 'domctl.pausedomain', caller: 0, vcpu: 0, domid: 1 };
    const host = happens(domctlHost(domctl(DOMCTL.pausedomain)), again, '4.14');
    const after = updated(host, { to: '4.15' });
    expect(after.xen.domains[1]?.controllerPauseCount).toBe(1);
    expect(dom0(after)).toMatchObject({ rax: 0, atHypercall: false });
  });
});

describe('a call with its progress in registers and guest memory (C1, C2)', () => {
  const buffers = (draft: HostDraft) => {
    const [buffer = 0, list = 0, ...gfns] = domainAt(draft, 1).pages.slice(8, 13);
    draft.hardware.content[buffer] = { kind: 'extents', gfns, exchanged: 0 };
    return { buffer, list };
  };
  const goesOn = (change: (draft: HostDraft) => void): readonly Registers[] => {
    const host = hostOf(['pv'], change);
    const reenter: HostEvent = { type: 'hypercall.reenter', domid: 1, vcpu: 0 };
    return [host, updated(host)].map(
      (h) => happens(h, reenter).xen.domains[1]?.vcpus[0]?.registers as Registers,
    );
  };

  test('ends in xen#2 as it would have in xen#1', () => {
    const [without, withUpdate] = goesOn((draft) => {
      const { buffer } = buffers(draft);
      const [rdi, rsi] = extentsArgs({ command: 'decrease_reservation', start: 1, gfn: buffer });
      standing(draft, 1, { rax: HYPERVISOR.memory_op, rdi, rsi });
    });
    expect(without).toMatchObject({ rax: 3, atHypercall: false });
    expect(withUpdate).toEqual(without);
  });

  test('so does a multicall, with the entry that was interrupted', () => {
    const [without, withUpdate] = goesOn((draft) => {
      const { buffer, list } = buffers(draft);
      const args = extentsArgs({ command: 'decrease_reservation', start: 2, gfn: buffer });
      const entry = { op: HYPERVISOR.memory_op, args, result: null };
      draft.hardware.content[list] = { kind: 'multicall', calls: [entry] };
      standing(draft, 1, { rax: HYPERVISOR.multicall, rdi: addressOf(list), rsi: 1 });
    });
    expect(without).toMatchObject({ rax: 0, atHypercall: false });
    expect(withUpdate).toEqual(without);
  });
});
