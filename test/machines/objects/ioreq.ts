/** Requests of guests to emulators: answered, overtaken, lost with either side. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { domainAt, type HostDraft } from '../../../src/host/build/draft.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { addIoreqServer, sendIoreq } from '../../../src/host/build/ioreq.ts';
import { startDying } from '../../../src/host/build/lifecycle.ts';
import { makeZombie } from '../../../src/host/build/zombie.ts';
import { SHUTDOWN } from '../../../src/host/constants.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import {
  answer,
  created,
  destroyed,
  finishedOff,
  keptByDom0,
  LOAD,
  RCU,
  REQUEST,
  resumed,
  shutdownBy0,
  shuttingDown,
  UNLOADED,
  UPDATE,
} from './events.ts';

const emulated = (change: (draft: HostDraft) => void = () => undefined) =>
  hostOf(['hvm', 'pv'], (draft) => {
    for (const v of domainAt(draft, 1).domain.vcpus) v.initialised = true;
    addIoreqServer(draft, 1, { emulator: 2 });
    domainAt(draft, 2).domain.target = 1 as never;
    change(draft);
  });
/** The emulator is dead, and a page of it is still mapped by dom0. */
const zombieEmulates = (guest: number, emulator: number) =>
  hostOf(guest < emulator ? ['hvm', 'pv'] : ['pv', 'hvm'], (draft) => {
    addIoreqServer(draft, guest, { emulator });
    mapGrant(draft, 0, { granter: emulator, ref: offerGrant(draft, emulator, { to: 0 }) });
    makeZombie(draft, emulator);
  });
const byEmulator = { caller: 2, vcpu: 0, domid: 1 } as const;
const serverComes: WorldEvent = { type: 'ioreq.create', ...byEmulator, buffered: false };
const serverGoes = {
  type: 'ioreq.destroy',
  ...byEmulator,
  server: 0,
} as const satisfies WorldEvent;
/** The life of one request of a vCPU of d1 with its server 0: sent, taken, answered, completed. */
const requestOf = (vcpu: number): readonly [WorldEvent, WorldEvent, WorldEvent, WorldEvent] => [
  { type: 'ioreq.send', domid: 1, vcpu, server: 0, addr: 0x60, write: true },
  { type: 'emulator.take', domid: 1, vcpu, server: 0 },
  { type: 'emulator.respond', domid: 1, vcpu, server: 0 },
  { type: 'vcpu.complete-io', domid: 1, vcpu },
];

export const requests = (): Life[] => {
  const [send, take, respond, complete] = requestOf(0);
  return [
    life('requests', emulated(), [[send, take, respond, complete, send], UPDATE, [send]]),
    life('a request overtaken by a crash', emulated(), [
      [send, take, respond, shutdownBy0(SHUTDOWN.crash), resumed, complete],
    ]),
    life('an overtaken request of a domain that dies', emulated(), [
      [send, shutdownBy0(SHUTDOWN.crash), ...destroyed(1)],
    ]),
    life('a request that a shutdown waits for', emulated(), [
      [send, shutdownBy0(SHUTDOWN.poweroff), take, respond, complete],
    ]),
    life('a request that meets a shutdown', emulated(shuttingDown), [[send, resumed, complete]]),
    life('a suspended access of a domain that dies', emulated(shuttingDown), [
      [send, ...destroyed(1)],
    ]),
    life(
      'an overtaken request of a domain that is finished off',
      emulated((draft) => keptByDom0(draft, 1)),
      [[send, shutdownBy0(SHUTDOWN.crash), ...finishedOff(2), ...finishedOff(1)]],
    ),
    life(
      'a suspended access of a domain that is finished off',
      emulated((draft) => {
        shuttingDown(draft);
        keptByDom0(draft, 1);
      }),
      [[send, ...finishedOff(2), ...finishedOff(1)]],
    ),
    life('an emulator that dies', emulated(), [[send, ...destroyed(2), RCU], destroyed(1)]),
    life('an emulator that dies at once', emulated(), [[send, take, ...finishedOff(2)]]),
    ...[[], [send], [send, take], [send, take, respond]].flatMap((before, i) => [
      life(`a server taken away ${i}`, emulated(), [[...before, serverGoes]]),
      life(`a guest that dies ${i}`, emulated(), [[...before, ...destroyed(1)]]),
      life(`a guest finished off ${i}`, emulated(), [[...before, ...finishedOff(1)]]),
    ]),
    ...[[send], [send, take], [send, take, respond]].map((before, i) =>
      life(
        `an update that does not wait ${i}`,
        emulated(),
        [before, UPDATE, requestOf(0)],
        without(defaultDesign, 'R12'),
      ),
    ),
    life(
      'parked by a shutdown whose stored code is a crash',
      emulated(),
      [
        [
          { type: 'sched.shutdown_code', domid: 1, vcpu: 0, reason: SHUTDOWN.crash },
          send,
          LOAD,
          REQUEST,
          { type: 'lu.park', domid: 1 },
        ],
      ],
      answer({ Q1: 'suspend' }),
    ),
    life('an emulator that dies, and an update', emulated(), [destroyed(2), UPDATE]),
    ...[destroyed(1), finishedOff(1)].flatMap((end, i) => [
      life(
        `an emulator that is dying, and a guest that goes first ${i}`,
        emulated((draft) => startDying(draft, 2)),
        [end],
      ),
      life(`an emulator that is gone, and its guest goes ${i}`, emulated(), [
        [...destroyed(2), RCU, created(3), ...finishedOff(3), ...end],
      ]),
    ]),
    ...(
      [
        [1, 2],
        [2, 1],
      ] as const
    ).map(([guest, emulator]) =>
      life(`a zombie as emulator of d${guest}, and an update`, zombieEmulates(guest, emulator), [
        UPDATE,
      ]),
    ),
    life('servers come and go', emulated(), [[serverGoes, serverComes]]),
  ];
};

/** An emulator of two servers for an HVM guest of two vCPUs, and domains to spare. */
const twoServers = (change: (draft: HostDraft) => void = () => undefined) => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
  addDomain(draft, { type: 'hvm', pages: 16, vcpus: 2 });
  for (let n = 0; n < 5; n++) addDomain(draft, { type: 'pv', pages: 16 });
  for (let n = 0; n < 2; n++) addIoreqServer(draft, 1, { emulator: 2 });
  domainAt(draft, 2).domain.target = 1 as never;
  change(draft);
  return finishHost(draft);
};

/** The same happens to two requests, one step apart: what moves one leaves the other. */
export const twoRequests = (): Life[] => {
  const [send0, take0, respond0, complete0] = requestOf(0);
  const [send1, take1, respond1, complete1] = requestOf(1);
  const destroy = (server: number): WorldEvent => ({ ...serverGoes, server });
  const other = [destroy(1), serverComes];
  return [
    life('two requests', twoServers(), [
      [send0, send1, take1, take0, respond0, respond1, complete1, complete0],
    ]),
    life('two servers', twoServers(), [
      other,
      [
        send0,
        ...other,
        ...finishedOff(4),
        take0,
        ...other,
        ...finishedOff(5),
        respond0,
        ...other,
        ...finishedOff(6),
        complete0,
      ],
      [destroy(0), destroy(1), serverComes, serverComes],
    ]),
    life('two requests overtaken', twoServers(), [
      [
        send0,
        send1,
        take0,
        take1,
        respond0,
        respond1,
        shutdownBy0(SHUTDOWN.crash),
        resumed,
        complete1,
        complete0,
      ],
    ]),
    life(
      'two requests, one suspended',
      twoServers((draft) => {
        sendIoreq(draft, 1, 0, 1, 3);
        shuttingDown(draft);
      }),
      [[send0, complete1, resumed, complete1, complete0]],
    ),
    life(
      'a jump that does not happen, with a request',
      twoServers(),
      [[send0], ...UNLOADED],
      without(defaultDesign, 'R10', 'R12'),
    ),
  ];
};
