/** Ends of domains, shutdowns, and what other designs make of both: what random lives reach rarely. */
import { expect } from 'vitest';
import { hostOf, requestsOf } from '../../../properties/support/scenes.ts';
import { type Design, defaultDesign, without } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { domainAt, type HostDraft } from '../../../src/host/build/draft.ts';
import { bindUnbound } from '../../../src/host/build/events.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { addIoreqServer } from '../../../src/host/build/ioreq.ts';
import {
  pauseBy,
  pauseByController,
  queueRcu,
  refuseMove,
  setTarget,
  shutDown,
  startDying,
} from '../../../src/host/build/lifecycle.ts';
import { mapForeignGfn } from '../../../src/host/build/p2m.ts';
import { makeZombie } from '../../../src/host/build/zombie.ts';
import { SHUTDOWN } from '../../../src/host/constants.ts';
import type { Host } from '../../../src/host/host.ts';
import { topState } from '../../../src/trace/schedule.ts';
import type { Coverage } from '../../../src/world/coverage.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import {
  answer,
  created,
  destroyed,
  finish,
  finishedOff,
  LOAD,
  RCU,
  REQUEST,
  softOn,
  softReset,
  tool,
  UNLOAD,
} from '../objects/events.ts';
import { Run } from './drive.ts';

const GIVEN_UP: readonly WorldEvent[] = [{ type: 'lu.cancel' }, { type: 'lu.rollback' }];

const resumed = (domid: number): WorldEvent => ({ type: 'domctl.resumedomain', ...tool, domid });
const remotely = (target: number, reason: number): WorldEvent => ({
  type: 'sched.remote_shutdown',
  ...{ domid: 0, vcpu: 1, target, reason },
});
const unmap = (handle: number, domid = 0): WorldEvent => ({
  type: 'grant.unmap',
  ...{ domid, vcpu: 0, handle, parts: 3, at: 0, slot: 0 },
});
/** The life of a request of one vCPU: sent, taken, answered, completed. */
const requestOf = (domid: number, vcpu: number) =>
  requestsOf(domid).map((e) => ({ ...e, vcpu }) as WorldEvent) as [
    WorldEvent,
    WorldEvent,
    WorldEvent,
    WorldEvent,
  ];

/** `mapper` maps a page that `granter` granted it, for devices alone: nothing of it is in a table. */
const granting = (draft: HostDraft, granter: number, mapper = 0): number =>
  mapGrant(draft, mapper, {
    ...{ granter, ref: offerGrant(draft, granter, { to: mapper }), device: true },
  });

/** dom0 and two HVM guests that it emulates, two vCPUs and three ports each. */
const emulated = (change: (draft: HostDraft) => void = () => undefined): Host => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
  for (const id of [1, 2]) {
    addDomain(draft, { type: 'hvm', pages: 16, vcpus: 2 });
    for (let port = 0; port < 3; port++) bindUnbound(draft, id, 0);
    addIoreqServer(draft, id, { emulator: 0 });
  }
  change(draft);
  return finishHost(draft);
};

/** Zombies whose holders let go one after the other, and domids that are used again. */
const holders = (coverage: Coverage): void => {
  let handle = 0;
  const granted = hostOf(['pv', 'pv', 'pv'], (draft) => {
    handle = granting(draft, 1);
    makeZombie(draft, 1);
  });
  new Run(coverage, { host: granted })
    .play(unmap(handle), ...finishedOff(3), RCU)
    .glance(created(1))
    .play(created(3), created(1));
  const targeted = hostOf(['pv', 'pv', 'hvm'], (draft) => {
    handle = granting(draft, 1);
    setTarget(draft, 2, 1);
    makeZombie(draft, 1);
  });
  new Run(coverage, { host: targeted }).play(unmap(handle), ...finishedOff(2), RCU);
  const mapped = hostOf(['pv', 'hvm', 'pv', 'pvh', 'pv'], (draft) => {
    for (const [zombie, mapper] of [
      [1, 2],
      [3, 4],
    ] as const)
      mapForeignGfn(draft, domainAt(draft, mapper), domainAt(draft, zombie).pages[10] as number);
    setTarget(draft, 5, 1);
    makeZombie(draft, 1);
    makeZombie(draft, 3);
  });
  new Run(coverage, { host: mapped }).play(...finishedOff(4), ...finishedOff(2), ...finishedOff(5));
};

/** Domains that are found in the middle of their end, and callers that come to it late. */
const found = (coverage: Coverage): void => {
  const host = hostOf(['pv', 'pv'], (draft) => startDying(draft, 1, 'evtchn'));
  new Run(coverage, { host }).play(...destroyed(1, 0), finish(0), RCU);
  const unseen = hostOf(['pv'], (draft) => {
    draft.xen.system.destroying.push(2 as never);
    draft.xen.system.rcu.push({ kind: 'complete_domain_destroy', domid: 2 as never });
  });
  new Run(coverage, { host: unseen }).play(RCU, created(2));
};

/** A domain that is being destroyed, for every answer to Q3; and a jump that does not happen. */
const dying = (coverage: Coverage): void => {
  const host = hostOf(['pv', 'hvm'], (draft) => startDying(draft, 1, 'evtchn'));
  for (const Q3 of ['shell', 'exact', 'drop', 'wait'] as const)
    new Run(coverage, { host, design: answer({ Q3 }) }).update();
  const stuck = hostOf(['pv'], (draft) => {
    startDying(draft, 1);
    refuseMove(draft, 1);
  });
  const moved = new Run(coverage, { host: stuck }).play(...destroyed(1, 0), finish(0)).update();
  expect(topState(moved.team.update)).toBe('done');
  moved.play(finish(0), RCU);
  const noUpdate = { drop: ['R10', 'F3.17.rcu'] } as const;
  const design: Design = without(defaultDesign, ...noUpdate.drop);
  for (const before of [[], finishedOff(2)]) {
    const run = new Run(coverage, {
      host: hostOf(['pv', 'pv'], (d) => queueRcu(d, 'pirq')),
      design,
    });
    run.play(...before, LOAD, REQUEST, UNLOAD).update();
    expect(topState(run.team.update)).toBe('crashed');
  }
  new Run(coverage, { host: hostOf(['pv', 'pv']), design: without(defaultDesign, 'F3.17.rcu') })
    .play(...finishedOff(2))
    .update();
};

/** Pauses that an update meets, or makes of another kind than the design has. */
const pauses = (coverage: Coverage): void => {
  const host = hostOf(['pv', 'hvm'], (draft) => {
    pauseBy(draft, 1, 'vm_event');
    pauseByController(draft, 2, 2);
  });
  const run = new Run(coverage, { host }).play(LOAD, REQUEST);
  run.glanceAll([0, 1, 2].map((domid) => ({ type: 'lu.park', domid }) as const));
  run.update('saving').play(...GIVEN_UP);
  const early = new Run(coverage, { host, design: without(defaultDesign, 'R3') });
  early.play(created(3)).update();
  new Run(coverage, { host: hostOf(['pv']), design: without(defaultDesign, 'R13') }).update();
};

/** Shutdowns that wait for an emulator, or find one late. */
const deferrals = (coverage: Coverage): void => {
  const [first, second] = [requestOf(1, 0), requestOf(1, 1)];
  const stop: WorldEvent = { type: 'sched.shutdown', domid: 1, vcpu: 1, reason: SHUTDOWN.reboot };
  new Run(coverage, { host: emulated() }).play(first[0], stop, resumed(1));
  const both = new Run(coverage, { host: emulated() });
  both.play(first[0], second[0], remotely(1, SHUTDOWN.reboot), remotely(2, SHUTDOWN.reboot));
  both.play(resumed(2), ...first.slice(1), ...second.slice(1));
  // The moment between the beginning of a shutdown and its vCPUs' leaving their CPUs.
  const late = emulated((draft) => {
    shutDown(draft, 1, 'in_progress', SHUTDOWN.poweroff);
    for (const v of domainAt(draft, 1).domain.vcpus)
      Object.assign(v, { pausedForShutdown: false, pauseCount: 0 });
  });
  new Run(coverage, { host: late }).play(first[0], second[0]);
  const suspending = answer({ Q1: 'suspend' });
  const parked: readonly WorldEvent[] = [first[0], LOAD, REQUEST, { type: 'lu.park', domid: 1 }];
  new Run(coverage, { host: emulated(), design: suspending }).play(...parked, ...GIVEN_UP);
  new Run(coverage, { host: emulated(), design: suspending }).play(...parked).update();
};

/** Shutdowns by the last vCPU, by Xen, and those that end with a soft reset. */
const shutdowns = (coverage: Coverage): void => {
  const down = (domid: number): WorldEvent => ({ type: 'vcpu.down', domid, vcpu: 0, target: 0 });
  new Run(coverage, { host: hostOf(['pv', 'pv']) }).play(down(1), LOAD, REQUEST, ...GIVEN_UP);
  let handle = 0;
  const lost = hostOf(['pv', 'pv'], (draft) => {
    handle = granting(draft, 2, 1);
    makeZombie(draft, 2);
  });
  const run = new Run(coverage, {
    host: lost,
    design: without(answer({ Q8: 'tolerate' }), 'R8'),
  });
  run.update();
  expect(topState(run.team.update)).toBe('done');
  run.play(unmap(handle, 1));
  const reset = emulated((draft) => {
    for (const id of [1, 2]) {
      shutDown(draft, id, 'complete', SHUTDOWN.soft_reset);
      pauseByController(draft, id);
    }
  });
  for (const end of [softOn(), finish(0)])
    new Run(coverage, { host: reset })
      .play(softReset(1, 1), softOn(1))
      .play({ ...softReset(2, null), vcpu: 1 } as WorldEvent, end);
};

export const domains: readonly ((coverage: Coverage) => void)[] = [
  holders,
  found,
  dying,
  pauses,
  deferrals,
  shutdowns,
].map((run) => Object.defineProperty(run, 'name', { value: `domains: ${run.name}` }));
