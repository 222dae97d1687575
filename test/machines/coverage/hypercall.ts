/** Hypercalls that are preempted: begun beside others, carried on, lost, entered again under xen#2. */
import { hostOf, withPorts } from '../../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { domainAt, vcpuAt } from '../../../src/host/build/draft.ts';
import { bindUnbound } from '../../../src/host/build/events.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { pauseByController, shutDown } from '../../../src/host/build/lifecycle.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { HYPERVISOR, SHUTDOWN } from '../../../src/host/constants.ts';
import type { Registers } from '../../../src/host/vcpu.ts';
import type { Command } from '../../../src/hypercalls/domctl/contended.ts';
import type { Coverage } from '../../../src/world/coverage.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import {
  answer,
  destroyed,
  finish,
  finishedOff,
  framesOf,
  goOn,
  reset,
  softReset,
} from '../objects/events.ts';
import { doings, partialTables, twoVcpus } from '../objects/pv-mm.ts';
import { Run, rebootOf } from './drive.ts';

/** Page tables of two vCPUs, pinned and unpinned in parts beside each other (C4). */
export const perPage = (coverage: Coverage): void => {
  const host = twoVcpus();
  const [one, two] = [0, 1].map((n) => doings(n, partialTables(host)[n] ?? 0)) as [
    ReturnType<typeof doings>,
    ReturnType<typeof doings>,
  ];
  const run = new Run(coverage, { host }).play(one.put, two.put);
  run.play(one.pin(1), two.pin(1)).glance(finish(1, 0));
  new Run(coverage, { host: run.host });
  run.play(one.goOnPinning, two.goOnPinning);
  run.glance(two.unpin(1)).play(one.unpin(1), two.unpin(1));
  new Run(coverage, { host: run.host });
  run.play(one.put, two.put);
  for (const policies of [{}, { Q6: 'finish' }, { Q6: 'carry' }] as const) {
    const updated = new Run(coverage, { host, design: answer(policies) });
    updated.play(one.put, two.put, one.pin(1), two.pin(null), two.unpin(1)).update();
    updated.offerAll([{ type: 'lu.settle' }, one.goOnPinning, two.put, finish(1, 0), finish(1, 1)]);
  }
};

const shadow = (
  vcpu: number,
  domid: number,
  op: 'enable_logdirty' | 'clean',
  preempt: boolean,
): WorldEvent => ({ ...{ type: 'domctl.shadow_op', caller: 0, vcpu, domid, op, preempt } });

/** Log-dirty operations beside a reset, and the domains that they are of going away (C3). */
export const perDomain = (coverage: Coverage): void => {
  const run = new Run(coverage, { host: mixedHost() }).play(reset(1, 1));
  for (const [vcpu, domid] of [
    [0, 2],
    [1, 3],
  ] as const)
    run.play(shadow(vcpu, domid, 'enable_logdirty', false), shadow(vcpu, domid, 'clean', true));
  run.glance(goOn(1));
  run.play({ type: 'paging.continue', domid: 3 }, { type: 'paging.continue', domid: 2 }, goOn(1));
  const gone = new Run(coverage, { host: mixedHost() });
  gone
    .play(reset(1, 1), ...destroyed(1, 0))
    .offerAll(destroyed(1))
    .offer({ type: 'rcu.run' });
  const alone = hostOf(['pv', 'pv'], withPorts);
  new Run(coverage, { host: alone }).play(reset(1, 1), ...destroyed(1, 0)).offerAll(destroyed(1));
  new Run(coverage, { host: alone }).play(reset(1, 1), ...finishedOff(1));
};

/** Found in the middle of a call that began before: each kind of it. */
export const foundInCalls = (coverage: Coverage): void => {
  const begun: readonly (readonly WorldEvent[])[] = [
    [reset(1, 1)],
    [softReset(2, 1)],
    [shadow(0, 3, 'enable_logdirty', false), shadow(0, 3, 'clean', true)],
    destroyed(1, 0),
  ];
  for (const events of begun) {
    const run = new Run(coverage, { host: resetHost() }).play(...events);
    new Run(coverage, { host: run.host });
  }
};

/** d1 resets itself, d2 is down and waits for a soft reset, d3 can be logged. */
const resetHost = () => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
  for (const type of ['pv', 'pvh', 'hvm'] as const) addDomain(draft, { type, pages: 16 });
  withPorts(draft);
  for (let i = 0; i < 3; i++) bindUnbound(draft, 2, 0);
  pauseByController(draft, 2);
  shutDown(draft, 2, 'complete', SHUTDOWN.soft_reset);
  return finishHost(draft);
};

/** A host whose d1 and d2 stand at calls with all of their progress in registers. */
const inRegisters = (registers: Partial<Registers>) =>
  hostOf(['pv', 'pv'], (draft) => {
    for (const id of [1, 2])
      Object.assign(vcpuAt(domainAt(draft, id), 0).registers, registers, { atHypercall: true });
  });

/** Entered again under xen#2, not entered again before the next update, and passed over. */
export const crossings = (coverage: Coverage): void => {
  const host = inRegisters({ rax: HYPERVISOR.memory_op, rdi: 64 * 5 });
  const restored = new Run(coverage, { host }).update('restoring');
  for (const type of ['restore.0a', 'restore.0b', 'restore.0c', 'restore.1'] as const)
    restored.play(...[0, 1, 2].map((domid) => ({ type, domid })));
  restored.glanceAll([0, 1, 2].map((domid) => ({ type: 'restore.2', domid })));
  restored.update().play({ type: 'lu.settle' }).update();
  const boots = new Run(coverage, { host }).update();
  boots.play({ type: 'lu.settle' }).offerAll(rebootOf(boots));
  const over = new Run(coverage, { host, design: without(defaultDesign, 'F3.1.registers') });
  over.update();
};

const REENTER = (domid: number): WorldEvent => ({ type: 'hypercall.reenter', domid, vcpu: 0 });

/** d1 and d2, each with pages that it has mapped nowhere: two for buffers and lists, three for extents. */
const roomy = (coverage: Coverage) => {
  const before = hostOf(['pv', 'pv']);
  const run = new Run(coverage, { host: before });
  for (const domid of [1, 2])
    for (let n = 0; n < 5; n++) run.play({ type: 'memory.increase_reservation', domid, vcpu: 0 });
  const { host } = run;
  const page = (domid: number, n: number): number =>
    framesOf(host, domid).filter((f) => !framesOf(before, domid).includes(f))[n] as number;
  return { host, page };
};

/** Calls of which all is in registers and guest memory (C1, C2), in each Xen, beside another's. */
export const fromMemory = (coverage: Coverage): void => {
  const { host, page } = roomy(coverage);
  const extents = (domid: number, command: 'exchange' | 'decrease_reservation'): WorldEvent => ({
    ...{ type: 'memory.extents', domid, vcpu: 0, command, at: page(domid, 0) },
    ...{ gfns: [2, 3, 4].map((n) => page(domid, n)), done: 1 },
  });
  const list = (domid: number): WorldEvent => ({
    ...{ type: 'multicall', domid, vcpu: 0, at: page(domid, 1), done: 1, inside: 1 },
    calls: [
      { op: 'send', port: 1 },
      {
        ...{ op: 'exchange', at: page(domid, 0) },
        gfns: [2, 3].map((n) => page(domid, n)),
      },
    ],
  });
  const calls = [
    (d: number) => extents(d, 'decrease_reservation'),
    (d: number) => extents(d, 'exchange'),
    list,
  ];
  for (const call of calls) {
    const run = new Run(coverage, { host }).glance({ ...call(1), done: null } as WorldEvent);
    run.play(call(1), call(2)).play(REENTER(2), REENTER(1));
    const crossed = new Run(coverage, { host }).play(call(1), call(2)).update();
    crossed.play({ type: 'lu.settle' }, REENTER(1), finish(2));
    const before = new Run(coverage, { host }).play(call(1));
    new Run(coverage, { host: before.host }).play(finish(1));
  }
};

/** Domctls that find the lock taken (C5): issued again, in either Xen, and by others meanwhile. */
export const contention = (coverage: Coverage): void => {
  const contended = (vcpu: number, command: Command, domid: number): WorldEvent => ({
    ...{ type: 'domctl.contended', caller: 0, vcpu, domid, command },
  });
  const by1 = { caller: 0, vcpu: 1 } as const;
  const pause = (vcpu: number): WorldEvent => ({
    ...{ type: 'domctl.pausedomain', caller: 0, vcpu, domid: 1 },
  });
  const read: WorldEvent = { type: 'hypercall.reenter', domid: 0, vcpu: 0 };
  for (const updated of [false, true]) {
    const run = new Run(coverage, { host: mixedHost() });
    const goOver = () => {
      if (updated) run.update().play({ type: 'lu.settle' });
    };
    run.play(contended(0, 'pausedomain', 1), contended(1, 'unpausedomain', 1));
    goOver();
    run.play(pause(0), { type: 'domctl.unpausedomain', ...by1, domid: 1 });
    run.play(contended(0, 'resumedomain', 1), contended(1, 'getdomaininfo', 1));
    goOver();
    run.play({ type: 'domctl.resumedomain', caller: 0, vcpu: 0, domid: 1 });
    run.play({ type: 'hypercall.reenter', domid: 0, vcpu: 1 });
    run.play(contended(0, 'getdomaininfo', 1), contended(1, 'resumedomain', 1));
    run.play(read, { type: 'domctl.resumedomain', ...by1, domid: 1 });
    run.play(contended(0, 'unpausedomain', 1), contended(1, 'pausedomain', 1));
    run.play({ type: 'domctl.unpausedomain', caller: 0, vcpu: 0, domid: 1 }, pause(1));
    // d4 is a zombie: it is dead already. d1 dies by one vCPU's call while the other stands at it.
    run.play(contended(0, 'destroydomain', 4), contended(1, 'destroydomain', 1));
    goOver();
    new Run(coverage, { host: run.host });
    run.play({ type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 4 });
    run.play({ type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 1 }, finish(0, 1));
  }
};

export const HYPERCALL_SCRIPTS = [
  fromMemory,
  contention,
  perPage,
  perDomain,
  foundInCalls,
  crossings,
];
