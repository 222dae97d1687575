import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { VERSIONS } from '../../src/design/versions.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { vcpuAt } from '../../src/host/build/draft.ts';
import { finish } from '../../src/host/build/finish.ts';
import { addIoreqServer, sendIoreq } from '../../src/host/build/ioreq.ts';
import { queueRcu, queueTasklet } from '../../src/host/build/lifecycle.ts';
import { mixedDraft, mixedHost } from '../../src/host/build/mixed-host.ts';
import { FLAG, flagsOf } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { domid } from '../../src/host/ids.ts';
import { deriveCounts } from '../../src/host/references.ts';
import { isRunnable } from '../../src/liveupdate/pause.ts';
import { saveStream } from '../../src/liveupdate/save/index.ts';
import { isHostEvent } from '../../src/world/world.ts';
import { ran, updated, version } from '../support/updates.ts';

const bytesOf = (host: Host, v = '4.17'): Uint8Array => {
  const saved = saveStream(host, version(v), defaultDesign);
  if (!isRight(saved)) throw new Error(saved.left.what);
  return saved.right;
};

const runnableVcpus = (host: Host): string[] =>
  Object.values(host.xen.domains).flatMap((d) =>
    d.vcpus.filter((v) => isRunnable(d, v)).map((v) => `d${d.domid}v${v.id}`),
  );

describe('an update of a host with something of everything', () => {
  test('carries it through all phases, each domain once in each pass', () => {
    const { outcome, steps } = ran(mixedHost());
    expect(outcome.kind).toBe('resumed');
    const count = (type: string) => steps.filter((s) => s.event.type === type).length;
    const domains = Object.keys(mixedHost().xen.domains).length;
    for (const type of ['lu.save.domain', 'restore.0a', 'restore.0b', 'restore.0c', 'restore.1'])
      expect([type, count(type)]).toEqual([type, domains]);
    expect(count('restore.2')).toBe(domains);
    expect(count('lu.jump')).toBe(1);
  });

  test('runs the same vCPUs afterwards and no others', () => {
    const before = mixedHost();
    expect(runnableVcpus(before).length).toBeGreaterThan(2);
    expect(runnableVcpus(updated(before))).toEqual(runnableVcpus(before));
  });

  test('leaves counts that their references derive', () => {
    const after = updated(mixedHost());
    const { frames } = after.xen;
    const derived = deriveCounts(after, version('4.17').countRules);
    let owned = 0;
    for (let f = 0; f < frames.owner.length; f++) {
      if ((flagsOf(frames, f) & (FLAG.free | FLAG.reserved)) !== 0) continue;
      owned++;
      expect([f, frames.generalCount[f], frames.typeCount[f]]).toEqual([
        f,
        derived.general[f],
        derived.typeCount[f],
      ]);
    }
    expect(owned).toBeGreaterThan(200);
  });

  test('runs on another instance with its own L4 slots', () => {
    const after = updated(mixedHost());
    expect(after.xen.instance).toBe(2);
    const l4s = Object.values(after.hardware.content).filter(
      (c) => c.kind === 'pagetable' && c.xenSlots !== null,
    );
    expect(l4s.length).toBeGreaterThan(1);
    for (const c of l4s) expect(c).toMatchObject({ xenSlots: 2 });
  });

  test('keeps system time going', () => {
    const before = mixedHost();
    expect(updated(before).xen.now).toBe(before.xen.now);
  });
});

describe('save, restore, save again', () => {
  for (const from of VERSIONS)
    for (const to of VERSIONS)
      test(`gives the same bytes from ${from.id} to ${to.id}`, () => {
        const host = mixedHost({ version: from.id, rules: from.countRules });
        const after = updated(host, { to: to.id });
        expect(after.xen.build.version).toBe(to.id);
        expect(Buffer.compare(bytesOf(after), bytesOf(host))).toBe(0);
      });

  test('through four updates, up and down in version and image size', () => {
    const first = mixedHost({ bootmemFrames: 2048, imageStart: 4096, ramFrames: 6144 });
    const one = updated(first, { to: '4.20', imageFrames: 900 });
    expect(one.xen.image.count).toBe(1024);
    const two = updated(one, { from: '4.20', to: '4.11', imageFrames: 400 });
    expect(two.xen.image.count).toBe(512);
    expect(two.xen.bootmem.count).toBe(first.xen.bootmem.count);
    const three = updated(two, { from: '4.11', to: 'unstable' });
    const four = updated(three, { from: 'unstable', to: '4.17' });
    expect(four.xen.instance).toBe(5);
    expect(Buffer.compare(bytesOf(four), bytesOf(first))).toBe(0);
  });
});

describe('quiescing', () => {
  const withGuest = (change: (draft: ReturnType<typeof buildHost>) => void): Host => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 64 });
    addDomain(draft, { type: 'hvm', pages: 32 });
    change(draft);
    return finish(draft);
  };
  const types = (host: Host) => ran(host).steps.map((s) => s.event);
  const progressOf = (host: Host) => types(host).flatMap((e) => (isHostEvent(e) ? [e.type] : []));

  test('waits for an emulated access until the vCPU has completed it (F9.6)', () => {
    const host = withGuest((draft) => {
      addIoreqServer(draft, 1, { emulator: 0 });
      sendIoreq(draft, 1, 0, 0, 1);
    });
    expect(progressOf(host)).toEqual(['emulator.take', 'emulator.respond', 'vcpu.complete-io']);
    const parked = types(host).findIndex((e) => e.type === 'lu.park' && e.domid === 0);
    const answered = types(host).findIndex((e) => e.type === 'emulator.respond');
    expect(answered).toBeLessThan(parked);
    expect(ran(host).outcome.kind).toBe('resumed');
  });

  test('stops PV domains after all others (R14, R15)', () => {
    const parks = types(withGuest(() => undefined)).flatMap((e) =>
      e.type === 'lu.park' ? [e.domid] : [],
    );
    expect(parks).toEqual([1, 0]);
  });

  test('runs tasklets and RCU callbacks first (R45, F3.17)', () => {
    const host = withGuest((draft) => {
      queueTasklet(draft, {
        work: 'continue_hypercall',
        softirq: false,
        vcpu: { domid: domid(0), vcpu: 0 },
      });
      queueRcu(draft, 'radix tree node');
    });
    expect(progressOf(host).sort()).toEqual(['rcu.run', 'tasklet.run']);
    const after = updated(host);
    expect(after.xen.system.rcu).toEqual([]);
    expect(after.xen.domains[0]?.vcpus[0]?.pauseCount).toBe(0);
  });

  test('refuses a vCPU on a wait queue and names it (F3.18, S64)', () => {
    const host = withGuest((draft) => {
      vcpuAt(draft.domains[1] as never, 0).onWaitQueue = true;
    });
    const { outcome, steps } = ran(host);
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(outcome.kind === 'refused' && outcome.reasons.join()).toContain('d1v0: on a wait queue');
    expect(steps.some((s) => s.event.type === 'lu.jump')).toBe(false);
  });

  test('refuses what no record carries (F13.7) and names the feature', () => {
    const host = withGuest((draft) => {
      (draft.domains[1] as { domain: { unsupported: string[] } }).domain.unsupported.push('altp2m');
    });
    const { outcome } = ran(host);
    expect(outcome.kind === 'refused' && outcome.reasons).toEqual([
      'd1: uses altp2m, for which no record exists (F13.7, Q7)',
    ]);
  });
});

describe('refusals before the point of no return', () => {
  const refused = (host: Host, options: Parameters<typeof ran>[1]) => {
    const { outcome, steps } = ran(host, options);
    expect(outcome.kind).toBe('refused');
    return { reasons: outcome.kind === 'refused' ? outcome.reasons : [], steps };
  };

  test('an xen#2 without version 2 of the grant tables (S56)', () => {
    const { reasons } = refused(mixedHost(), { gnttabMaxVersion: 1 });
    expect(reasons.join('\n')).toContain('grant table version 2, xen#2 allows 1');
  });

  test('an image that leaves no bootmem (R28)', () => {
    const { reasons } = refused(mixedHost(), { imageFrames: 2000 });
    expect(reasons.join()).toContain('leaves less than 2 MiB of bootmem');
  });

  test('a malformed liveupdate= option (F1.7)', () => {
    const { reasons } = refused(mixedHost(), { commandLine: 'liveupdate=3M' });
    expect(reasons.join()).toContain('multiple of 2 MiB');
  });

  test('a host without memory for the stream leads back to the exact prior state (PNR-1)', () => {
    const draft = mixedDraft();
    const host = finish(draft);
    const frames = { ...host.xen.frames, flags: Uint16Array.from(host.xen.frames.flags as never) };
    let free = 0;
    for (let f = 0; f < frames.flags.length; f++)
      if (((frames.flags[f] as number) & FLAG.free) !== 0 && free++ > 0)
        frames.flags[f] = FLAG.reserved;
    const tight = { ...host, xen: { ...host.xen, frames } };
    const { reasons, steps } = refused(tight, {});
    expect(reasons.join()).toContain('free frames for the stream');
    const last = steps[steps.length - 1]?.host as Host;
    const { kexec: _loaded, ...system } = last.xen.system;
    const { kexec: _before, ...expected } = tight.xen.system;
    expect({ ...last.xen, system }).toEqual({ ...tight.xen, system: expected });
    expect(last.hardware).toEqual(tight.hardware);
  });
});
