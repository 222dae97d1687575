/** Runs that reach what random lives reach rarely: designs without a rule, hosts caught in the middle. */
import { emulatedGuest, hostOf, requestsOf } from '../../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { NEW_TEARDOWN, VERSIONS } from '../../../src/design/versions.ts';
import { domainAt } from '../../../src/host/build/draft.ts';
import { finish } from '../../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { addIoreqServer, mapForeign } from '../../../src/host/build/ioreq.ts';
import {
  pauseBy,
  pauseByController,
  queueRcu,
  queueTasklet,
  shutDown,
  startDying,
} from '../../../src/host/build/lifecycle.ts';
import { mixedDraft, mixedHost } from '../../../src/host/build/mixed-host.ts';
import { makeZombie } from '../../../src/host/build/zombie.ts';
import { GNTMAP, SHUTDOWN } from '../../../src/host/constants.ts';
import type { Teardown } from '../../../src/host/domain.ts';
import type { Host } from '../../../src/host/host.ts';
import type { Coverage } from '../../../src/world/coverage.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { domains } from './domain.ts';
import { Run, rebootOf } from './drive.ts';
import { HYPERCALL_SCRIPTS } from './hypercall.ts';
import { updates } from './live-update.ts';
import { TASKLET_SCRIPTS } from './tasklet.ts';
import { VCPU_SCRIPTS } from './vcpu.ts';

const DOM0 = { caller: 0, vcpu: 0 } as const;
const kill = (domid: number): WorldEvent => ({ type: 'domain.kill', domid });
const destroy = (domid: number, vcpu = 0): WorldEvent => ({
  type: 'domctl.destroydomain',
  caller: 0,
  vcpu,
  domid,
});
const ROLLED_BACK: readonly WorldEvent[] = [{ type: 'lu.cancel' }, { type: 'lu.rollback' }];
const suspending = {
  ...defaultDesign,
  policies: { ...defaultDesign.policies, Q1: 'suspend' as const },
};

const PHASES = [...NEW_TEARDOWN, 'done'] as readonly Teardown['phase'][];

/** Two guests that die, one a phase behind the other, in every order of phases. */
const teardowns = (coverage: Coverage): void => {
  for (const version of ['4.17', 'unstable']) {
    const rules = VERSIONS.find((v) => v.id === version)?.countRules;
    for (const phase of PHASES) {
      const host = hostOf(['pv', 'hvm'], (d) => startDying(d, 1, phase), {
        version,
        ...(rules === undefined ? {} : { rules }),
      });
      const run = new Run(coverage, { host });
      run.play(destroy(2));
      for (let n = 0; n < 20; n++) run.glance(kill(1)).offer(kill(2));
      for (let n = 0; n < 20; n++) run.offer(kill(1));
      run.offerAll([{ type: 'rcu.run' }]);
    }
  }
};

/** Life and pauses of domains, with others beside them that do the same. */
const pauses = (coverage: Coverage): void => {
  const of = (type: 'domctl.pausedomain' | 'domctl.unpausedomain', domid: number): WorldEvent => ({
    ...{ type, ...DOM0, domid },
  });
  const create = (domid: number): WorldEvent => ({
    ...{ type: 'domctl.createdomain', ...DOM0, domid, domainType: 'pvh', maxVcpus: 1 },
    ...{ grantVersion: 1, maxGrantFrames: 4 },
  });
  const fill = (domid: number): readonly WorldEvent[] => [
    { type: 'domctl.max_mem', ...DOM0, domid, pages: 8 },
    { type: 'domctl.max_vcpus', ...DOM0, domid, count: 1 },
    { type: 'domctl.setvcpucontext', ...DOM0, domid, target: 0, cr3: 0 },
  ];
  const run = new Run(coverage, { host: hostOf(['pv', 'hvm']) });
  run.play(create(3), create(4)).offerAll([...fill(3), ...fill(4)]);
  for (const type of ['domctl.pausedomain', 'domctl.unpausedomain'] as const)
    for (const domid of [1, 2, 3, 4, 1, 2]) {
      run.glanceAll([1, 2, 3, 4].map((d) => of(type, d)));
      run.offer(of(type, domid));
    }
  run.offerAll([of('domctl.unpausedomain', 3), of('domctl.unpausedomain', 4)]);
  run.update().offerAll([{ type: 'lu.settle' }]);
};

/** Shutdowns: with each code, deferred, late, by others, forgotten. */
const shutdowns = (coverage: Coverage): void => {
  const codes = Object.values(SHUTDOWN);
  for (const reason of codes) {
    const run = new Run(coverage, { host: hostOf(['pv', 'pvh']) });
    const stop = (domid: number): WorldEvent => ({
      ...{ type: 'sched.shutdown', domid, vcpu: 0, reason },
    });
    const store = (domid: number): WorldEvent => ({
      ...{ type: 'sched.shutdown_code', domid, vcpu: 0, reason },
    });
    const resume = (domid: number): WorldEvent => ({
      ...{ type: 'domctl.resumedomain', ...DOM0, domid },
    });
    run.glanceAll([stop(1), stop(2), store(1), store(2)]).play(store(1));
    run
      .glanceAll([resume(1), resume(2)])
      .play(resume(1), stop(1))
      .glance(resume(2));
    run.play(stop(2)).glance(resume(2)).play(resume(1)).glance(store(2)).play(resume(2));
    run
      .glanceAll([store(1), store(2)])
      .play(store(1))
      .update();
  }
  for (const reason of [SHUTDOWN.reboot, SHUTDOWN.crash]) {
    const [send, take, respond, complete] = requestsOf(1) as [
      WorldEvent,
      WorldEvent,
      WorldEvent,
      WorldEvent,
    ];
    const remote: WorldEvent = {
      ...{ type: 'sched.remote_shutdown', domid: 0, vcpu: 0, target: 1, reason },
    };
    const run = new Run(coverage, { host: emulatedGuest() });
    run.play(send).glance(take).play(remote).offerAll([take, respond]);
    run.glance({ type: 'domctl.resumedomain', ...DOM0, domid: 1 });
    run.offerAll([complete, { type: 'domctl.resumedomain', ...DOM0, domid: 1 }]).update();
  }
};

/** Parking by a shutdown, with everything that comes with it. */
const byShutdown = (coverage: Coverage): void => {
  for (const design of [suspending, without(defaultDesign, "R12'"), without(defaultDesign, 'R3')]) {
    for (const host of [mixedHost(), emulatedGuest()]) {
      new Run(coverage, { host, design }).update('sealed').offerAll(ROLLED_BACK);
      new Run(coverage, { host, design }).update().offerAll([{ type: 'lu.settle' }]);
    }
    const blocked = new Run(coverage, { host: hostOf(['pv', 'hvm']), design });
    blocked.offerAll([{ type: 'sched.block', domid: 0, vcpu: 0 }]).update();
  }
};

/** Work that Xen has put off when an update comes, and designs that do not wait for it. */
const deferred = (coverage: Coverage): void => {
  const hotplug = (vcpu: number): WorldEvent => ({
    ...{ type: 'sysctl.cpu_hotplug', caller: 0, vcpu, cpu: 1, fails: vcpu === 1 },
  });
  const designs = [
    defaultDesign,
    without(defaultDesign, 'R45'),
    { ...defaultDesign, policies: { ...defaultDesign.policies, Q2: 'abandon' as const } },
  ];
  for (const design of designs) {
    const run = new Run(coverage, { host: mixedHost(), design });
    run
      .glanceAll([hotplug(0), hotplug(1)])
      .play(hotplug(0))
      .glance(hotplug(1))
      .play(hotplug(1));
    new Run(coverage, { host: run.host, design });
    run.glanceAll([
      { type: 'tasklet.run', id: 0 },
      { type: 'tasklet.run', id: 1 },
    ]);
    run.update().offerAll([{ type: 'lu.settle' }, hotplug(0), hotplug(1)]);
  }
  const caught = (change: Parameters<typeof queueTasklet>[1]): Host => {
    const draft = mixedDraft();
    queueTasklet(draft, change);
    // `queueTasklet` queues; an object that nobody has scheduled has no CPU.
    Object.assign(draft.xen.system.tasklets[0] ?? {}, { scheduledOn: change.scheduledOn });
    queueTasklet(draft, { work: 'notify', softirq: true });
    queueRcu(draft, 'pirq');
    return finish(draft);
  };
  const d0v0 = { domid: 0, vcpu: 0 } as never;
  for (const tasklet of [
    { work: 'continue_hypercall', softirq: false, vcpu: d0v0, running: true, scheduledOn: null },
    { work: 'notify', softirq: true, running: true, scheduledOn: 0 },
    { work: 'notify', softirq: true, running: false, scheduledOn: null },
    { work: 'notify', softirq: false, running: false, scheduledOn: 1 },
  ] as const)
    for (const design of designs) {
      for (const boot of [false, true]) {
        const one = new Run(coverage, { host: caught(tasklet as never), design });
        if (boot) one.offerAll(rebootOf(one));
        else one.offerAll([{ type: 'tasklet.run', id: 0 }]);
      }
      const run = new Run(coverage, { host: caught(tasklet as never), design });
      run.glanceAll([0, 1].map((id) => ({ type: 'tasklet.run', id }) as const));
      run.glance({ type: 'rcu.run' }).update();
    }
  new Run(coverage, {
    host: caught({ work: 'notify', softirq: true }),
    design: without(defaultDesign, 'F3.17.rcu'),
  }).update();
};

/** Holders of zombies, and those that no design with R8 would lose. */
const zombies = (coverage: Coverage): void => {
  const host = mixedHost();
  new Run(coverage, { host, design: without(defaultDesign, 'R8') }).update();
  const run = new Run(coverage, { host });
  run.play(destroy(1), destroy(3, 1));
  for (let n = 0; n < 20; n++) run.glance(kill(3)).offer(kill(1));
  for (let n = 0; n < 20; n++) run.offer(kill(3));
  for (const [handle] of Object.entries(host.xen.domains[0]?.grants.maptrack ?? {}))
    run.offer({
      ...{ type: 'grant.unmap', domid: 0, vcpu: 1, handle: Number(handle), parts: 3 },
      ...{ at: 0, slot: 0 },
    });
  run.offerAll([{ type: 'rcu.run' }]).update();
};

/** Zombies of which a device of d3's has one page, and d3 has mapped another. */
const holders = (coverage: Coverage): void => {
  let handle = 0;
  const host = hostOf(['pv', 'pv', 'pv'], (draft) => {
    for (const domid of [1, 2]) {
      const ref = offerGrant(draft, domid, { to: 3 });
      handle = mapGrant(draft, 3, { granter: domid, ref, device: true });
      mapForeign(draft, domainAt(draft, 3), domainAt(draft, domid).pages[10] as number, false);
      makeZombie(draft, domid);
    }
  });
  new Run(coverage, { host }).update();
  new Run(coverage, { host }).play({
    ...{ type: 'grant.unmap', domid: 3, vcpu: 0, handle, parts: GNTMAP.device_map },
    ...{ at: 0, slot: 0 },
  });
};

/** Holders of pauses besides the tool stack, and hosts caught while they shut down. */
const caught = (coverage: Coverage): void => {
  const host = hostOf(['hvm', 'pv'], (d) => {
    pauseBy(d, 1, 'vm_event');
    pauseByController(d, 2, 3);
    shutDown(d, 2, 'in_progress', SHUTDOWN.reboot);
  });
  new Run(coverage, { host }).update('sealed').offerAll(ROLLED_BACK);
  new Run(coverage, { host }).update();
  new Run(coverage, { host, design: without(defaultDesign, 'R3') }).update();
};

/** Requests in every state when something else happens. */
const requests = (coverage: Coverage): void => {
  const of = (domid: number) =>
    requestsOf(domid) as [WorldEvent, WorldEvent, WorldEvent, WorldEvent];
  const host = hostOf(['hvm', 'hvm'], (d) => {
    addIoreqServer(d, 1, { emulator: 0 });
    addIoreqServer(d, 2, { emulator: 0 });
  });
  const stop = (domid: number): WorldEvent => ({
    ...{ type: 'ioreq.destroy', ...DOM0, domid, server: 0 },
  });
  const run = new Run(coverage, { host });
  of(1).forEach((event, i) => {
    const other = of(2)[i] as WorldEvent;
    run
      .glance(other)
      .play(event)
      .glanceAll([other, stop(1), stop(2)])
      .play(other);
    run.glanceAll([...of(1), ...of(2), stop(1), stop(2)]);
  });
  for (const n of [1, 2, 3]) {
    const dies = new Run(coverage, { host });
    dies.play(...of(1).slice(0, n), ...of(2).slice(0, 1), destroy(1));
    for (let i = 0; i < 20; i++) dies.offer(kill(1));
    dies.glance({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    const one = new Run(coverage, { host });
    one.play(...of(1).slice(0, n), destroy(1)).offer({ type: 'hypercall.finish', ...where(0) });
    new Run(coverage, { host })
      .play(...of(1).slice(0, n))
      .play(stop(1))
      .update();
  }
};

const where = (domid: number, vcpu = 0) => ({ domid, vcpu });

/** Every hypercall that is preempted, beside another one, and each way in which it goes on. */
const hypercalls = (coverage: Coverage): void => {
  const guest = mixedHost();
  const begins: readonly WorldEvent[] = [
    { type: 'evtchn.reset', ...where(1), target: 1, ports: 1 },
    { type: 'evtchn.reset', ...where(1, 1), target: 1, ports: 1 },
    { type: 'evtchn.reset', ...where(3), target: 3, ports: 1 },
    destroy(2),
    { type: 'domctl.shadow_op', ...DOM0, domid: 3, op: 'enable_logdirty', preempt: false },
    { type: 'domctl.shadow_op', ...DOM0, domid: 3, op: 'clean', preempt: true },
  ];
  const goes: readonly WorldEvent[] = [
    ...[where(0), where(1), where(3)].flatMap((w): WorldEvent[] => [
      { type: 'hypercall.finish', ...w },
      { type: 'evtchn.reset-continue', ...w, ports: null },
      { type: 'mmuext.pin-continue', ...w },
      { type: 'mm.put-old-table', ...w },
    ]),
    { type: 'paging.continue', domid: 3 },
    kill(2),
  ];
  for (const event of goes) {
    const run = new Run(coverage, { host: guest });
    run.glanceAll(begins);
    for (const begin of begins) run.glanceAll(goes).offer(begin);
    run.glanceAll([...begins, ...goes]).offer(event);
    run.offerAll(goes);
    run.update().offerAll([{ type: 'lu.settle' }]);
  }
  const boots = new Run(coverage, { host: guest });
  boots.offerAll(begins).offerAll(rebootOf(boots));
};

export const SCRIPTS: readonly ((coverage: Coverage) => void)[] = [
  teardowns,
  pauses,
  shutdowns,
  byShutdown,
  deferred,
  zombies,
  holders,
  caught,
  requests,
  hypercalls,
  ...updates,
  ...domains,
  ...VCPU_SCRIPTS,
  ...HYPERCALL_SCRIPTS,
  ...TASKLET_SCRIPTS,
];
