/** What a step shares with the host before it, and what it costs on a large one. */
import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import type { Host } from '../../src/host/host.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { xen } from './world.ts';

const ctx = { version: xen('4.17'), design: defaultDesign };
const hostAfter = (host: Host, event: HostEvent): Host => {
  const result = apply(host, event, ctx);
  if (!isRight(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

describe('apply', () => {
  const host = mixedHost();

  test('copies neither frame table nor M2P for a step without pages', () => {
    const now = hostAfter(host, { type: 'sched.block', domid: 1, vcpu: 1 });
    expect(now).not.toBe(host);
    expect(now.xen.frames).toBe(host.xen.frames);
    expect(now.hardware).toBe(host.hardware);
    expect(now.xen.domains[2]).toBe(host.xen.domains[2]);
    expect(now.xen.domains[1]?.vcpus[0]).toBe(host.xen.domains[1]?.vcpus[0]);
  });

  test('copies the frame table, and not the M2P, for references alone', () => {
    const frame = host.xen.domains[1]?.vcpus[0]?.guestTable ?? 0;
    const now = hostAfter(host, { type: 'mmuext.new_user_baseptr', domid: 1, vcpu: 0, frame });
    expect(now.xen.frames).not.toBe(host.xen.frames);
    expect(now.hardware.m2p).toBe(host.hardware.m2p);
  });

  test('hands out nothing frozen and no drafts', () => {
    const now = hostAfter(host, { type: 'evtchn.bind_ipi', domid: 1, vcpu: 0, target: 0 });
    expect(Object.isFrozen(now.xen.domains[1]?.events)).toBe(false);
    expect(structuredClone(now)).toEqual(now);
  });
});
