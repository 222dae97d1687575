/** Hosts and events that scenarios have in common: as small as they can be. */
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import type { HostDraft, HostOptions } from '../../src/host/build/draft.ts';
import { bindUnbound } from '../../src/host/build/events.ts';
import { finish } from '../../src/host/build/finish.ts';
import { addIoreqServer } from '../../src/host/build/ioreq.ts';
import type { DomainType } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import type { WorldEvent } from '../../src/world/world.ts';

/** dom0 and a guest for each type, d1 first; then what `change` makes of them. */
export const hostOf = (
  guests: readonly DomainType[],
  change: (draft: HostDraft) => void = () => undefined,
  options: HostOptions = {},
): Host => {
  const draft = buildHost(options);
  for (const type of ['pv', ...guests] as const) addDomain(draft, { type, pages: 16 });
  change(draft);
  return finish(draft);
};

/** dom0 and an HVM guest whose devices it emulates. */
export const emulatedGuest = (change: (draft: HostDraft) => void = () => undefined): Host =>
  hostOf(['hvm'], (draft) => {
    addIoreqServer(draft, 1, { emulator: 0 });
    change(draft);
  });

/** The life of one request of a guest's vCPU 0 with its server 0 (F9.1). */
export const requestsOf = (domid: number): readonly WorldEvent[] => [
  { type: 'ioreq.send', domid, vcpu: 0, server: 0, addr: 0x60, write: true },
  { type: 'emulator.take', domid, server: 0, vcpu: 0 },
  { type: 'emulator.respond', domid, server: 0, vcpu: 0 },
  { type: 'vcpu.complete-io', domid, vcpu: 0 },
];

/** Ports that a reset can be preempted between. */
export const withPorts = (draft: HostDraft): void => {
  for (let i = 0; i < 3; i++) bindUnbound(draft, 1, 0);
};

/** A guest begins to reset its event channels and is preempted. */
export const resetsOf = (domid: number): readonly WorldEvent[] => [
  { type: 'evtchn.reset', domid, vcpu: 0, target: domid, ports: 1 },
];
