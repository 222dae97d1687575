/** What vCPUs are in the middle of when something else happens to them. */
import { emulatedGuest, hostOf } from '../../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { domainAt, vcpuAt } from '../../../src/host/build/draft.ts';
import { bindInterdomain, bindVirq } from '../../../src/host/build/events.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { addIoreqServer, sendIoreq } from '../../../src/host/build/ioreq.ts';
import { pauseByController, queueTasklet, shutDown } from '../../../src/host/build/lifecycle.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { IOREQ, SHUTDOWN, VIRQ, VPF } from '../../../src/host/constants.ts';
import type { Domain } from '../../../src/host/domain.ts';
import type { Coverage } from '../../../src/world/coverage.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import {
  answer,
  created,
  destroyed,
  finish,
  finishedOff,
  resumed,
  shuttingDown,
  softOn,
  softReset,
  tool,
} from '../objects/events.ts';
import { Run } from './drive.ts';

/** A vCPU that INIT and SIPI are on their way to, beside one that nothing happens to. */
export const startUps = (coverage: Coverage): void => {
  const host = hostOf(['hvm', 'hvm'], (draft) => {
    for (const id of [1, 2])
      Object.assign(vcpuAt(domainAt(draft, id), 0), { pauseFlags: VPF.down });
    const v = { domid: 1, vcpu: 0 } as never;
    queueTasklet(draft, { work: 'init_sipi', softirq: true, vcpu: v });
  });
  new Run(coverage, { host }).play({ type: 'tasklet.run', id: 0 });
  // Two new domains: the first vCPU of one is filled while the other's waits.
  const two = new Run(coverage, { host: hostOf([]) });
  for (const domid of [1, 2])
    two.play({ ...created(domid), domainType: 'pvh' } as WorldEvent, {
      type: 'domctl.max_vcpus',
      ...tool,
      domid,
      count: 1,
    });
  for (const domid of [1, 2])
    two.play({ type: 'domctl.setvcpucontext', ...tool, domid, target: 0, cr3: 0 });
};

const SEND: WorldEvent = {
  type: 'ioreq.send',
  domid: 1,
  vcpu: 0,
  server: 0,
  addr: 0x60,
  write: true,
};
const COMPLETE: WorldEvent = { type: 'vcpu.complete-io', domid: 1, vcpu: 0 };

/** Hosts that are found in the middle of a request, in each of its states, with a monitor, polling. */
export const found = (coverage: Coverage): void => {
  for (const state of [IOREQ.READY, IOREQ.INPROCESS, IOREQ.RESP_READY] as const)
    new Run(coverage, { host: emulatedGuest((draft) => sendIoreq(draft, 1, 0, 0, state)) });
  const polling = { pauseFlags: VPF.blocked, pollPorts: [1] };
  for (const held of [{ onWaitQueue: true }, { pauseFlags: VPF.mem_access }, polling])
    new Run(coverage, {
      host: hostOf(['hvm'], (draft) => {
        Object.assign(vcpuAt(domainAt(draft, 1), 0), held);
      }),
    }).update();
};

/** A request is in flight while dom0's call about another domain is finished. */
export const beside = (coverage: Coverage): void => {
  const host = hostOf(['hvm', 'pv'], (draft) => {
    addIoreqServer(draft, 1, { emulator: 0 });
  });
  new Run(coverage, { host }).play(SEND, ...finishedOff(2));
};

/** An access that comes late to a shutdown, and how the vCPU gets out of it. */
export const late = (coverage: Coverage): void => {
  const host = hostOf(['hvm', 'hvm'], (draft) => {
    for (const id of [1, 2]) addIoreqServer(draft, id, { emulator: 0 });
    shuttingDown(draft);
  });
  const other: readonly WorldEvent[] = [
    { ...SEND, domid: 2 },
    { type: 'emulator.take', domid: 2, server: 0, vcpu: 0 },
    { type: 'emulator.respond', domid: 2, server: 0, vcpu: 0 },
  ];
  const completeOther: WorldEvent = { ...COMPLETE, domid: 2 };
  const run = new Run(coverage, { host }).play(SEND, ...other);
  run.play(completeOther, resumed, COMPLETE);
  const [destroy, ...kills] = destroyed(1);
  new Run(coverage, { host })
    .play(SEND, destroy as WorldEvent)
    .glance(finish(0, 0))
    .offerAll(kills);
  new Run(coverage, { host }).play(SEND, ...finishedOff(2)).play(...finishedOff(1));
  // Found so: it is suspended already.
  const suspended = hostOf(['hvm'], (draft) => {
    addIoreqServer(draft, 1, { emulator: 0 });
    shutDown(draft, 1, 'in_progress', SHUTDOWN.poweroff);
    vcpuAt(domainAt(draft, 1), 0).io.suspended = true;
  });
  new Run(coverage, { host: suspended }).play(resumed, COMPLETE);
};

/** The ways in which vCPUs are paused and unpaused that no request is needed for. */
export const stops = (coverage: Coverage): void => {
  const down = (domid: number): WorldEvent => ({ type: 'vcpu.down', domid, vcpu: 0, target: 0 });
  const guests = hostOf(['pv', 'pvh']);
  new Run(coverage, { host: guests }).glance(down(2)).play(down(1));
  const second = (type: 'vcpu.down' | 'vcpu.up', domid: number): WorldEvent => ({
    ...{ type, domid, vcpu: 0, target: 1 },
  });
  const pairs = new Run(coverage, { host: mixedHost() });
  for (const type of ['vcpu.down', 'vcpu.up'] as const)
    pairs.play(second(type, 1), second(type, 3));
  // A guest that unmaps by its own tables keeps a handle, whose granter may be gone by then (F7.6).
  const host = hostOf(['pv', 'pv'], (draft) => {
    const ref = offerGrant(draft, 2, { to: 1 });
    mapGrant(draft, 1, { granter: 2, ref, host: true });
  });
  const d1 = host.xen.domains[1] as Domain;
  const handle = Number(Object.keys(d1.grants.maptrack)[0]);
  const { [2]: _gone, ...others } = host.xen.domains;
  const unmap: WorldEvent = {
    ...{ type: 'grant.unmap', domid: 1, vcpu: 0, handle, parts: 1, at: 0, slot: 0 },
  };
  new Run(coverage, { host: { ...host, xen: { ...host.xen, domains: others } } }).play(unmap);
};

/** Soft resets of guests that have shut down, at once and preempted. */
export const softResets = (coverage: Coverage): void => {
  const host = hostOf(['pvh', 'pvh'], (draft) => {
    for (const id of [1, 2]) {
      for (let n = 0; n < 3; n++) bindInterdomain(draft, id, 0);
      pauseByController(draft, id);
      shutDown(draft, id, 'complete', SHUTDOWN.soft_reset);
    }
  });
  new Run(coverage, { host })
    .glanceAll([softReset(2, null), softReset(1, 1)])
    .play(softReset(1, null), softReset(2, 1))
    .glance(finish(0))
    .play(softOn(1))
    .play(softOn());
  new Run(coverage, { host }).play(softReset(1, 1), finish(0));
};

/** vCPUs that wait for events, and what wakes them: an event, or dom0 told of a shutdown (S5). */
export const waits = (coverage: Coverage): void => {
  for (const polls of [false, true]) {
    let port = 0;
    let from = 0;
    const host = hostOf(['pv', 'hvm'], (draft) => {
      port = bindVirq(draft, 0, VIRQ.DOM_EXC);
      from = bindInterdomain(draft, 1, 0).a;
    });
    const ports = [port, ...(polls ? [host.xen.domains[1]?.events.channels[from]] : [])];
    const peers = ports.flatMap((p) =>
      typeof p === 'number'
        ? [p]
        : p?.binding.state === 'interdomain'
          ? [p.binding.remotePort]
          : [],
    );
    const wait: WorldEvent = polls
      ? { type: 'sched.poll', domid: 0, vcpu: 0, ports: peers }
      : { type: 'sched.block', domid: 0, vcpu: 0 };
    const send: WorldEvent = { type: 'evtchn.send', domid: 1, vcpu: 0, port: from };
    new Run(coverage, { host })
      .play(wait)
      .glance({ type: 'sched.yield', domid: 1, vcpu: 0 })
      .play(send);
    for (const design of [answer({ Q1: 'suspend' }), without(defaultDesign, "R12'")])
      new Run(coverage, { host, design })
        .offerAll([])
        .update('quiescing')
        .offerAll([wait, { type: 'lu.park', domid: 2 }, { type: 'lu.park', domid: 1 }]);
  }
};

/** dom0 asks for the update and stays in the hypercall: only without R13. */
export const asking = (coverage: Coverage): void => {
  const run = new Run(coverage, { host: mixedHost(), design: without(defaultDesign, 'R13') });
  run.update('quiescing').offerAll([{ type: 'lu.cancel' }, { type: 'lu.rollback' }]);
};

export const VCPU_SCRIPTS = [startUps, found, beside, late, stops, softResets, waits, asking];
