/** Where a domain is in its life, what it may do, and what it was made with (F2). */

import { mapForeign } from '../../../../src/host/build/ioreq.ts';
import {
  pauseBy,
  pauseByController,
  setTarget,
  shutDown,
  storeShutdownCode,
} from '../../../../src/host/build/lifecycle.ts';
import { addRange } from '../../../../src/host/build/rangeset.ts';
import type { HostEvent } from '../../../../src/hypercalls/events.ts';
import { type PartKind, type Place, pick, room, type Site, wide, widest } from './kind.ts';

const isDom0 = ({ at }: Site): boolean => at.domain.domid === 0;

/** The most that the tool stack may pause a domain (F2.19). */
const MAX_PAUSES = 255;

const pause = (site: Site): void => {
  if (isDom0(site)) return;
  const { draft, at, n } = site;
  const left = MAX_PAUSES - at.domain.controllerPauseCount;
  const wanted = n[1] % 16 === 15 ? MAX_PAUSES : 1 + (n[1] % 4);
  if (n[0] % 4 !== 3) pauseByController(draft, at.domain.domid, Math.min(left, wanted));
  for (let i = 0; n[0] % 4 === 3 && i <= n[2] % 3; i++) pauseBy(draft, at.domain.domid, 'vm_event');
};

const CODES = [0, 1, 2, 3, 4, 5] as const;

const shutdown = (site: Site): void => {
  const { draft, at, n } = site;
  const { domain } = at;
  const code = pick(CODES, n[0]);
  if (isDom0(site) || domain.shutdown.state !== 'none') return;
  if (n[1] % 3 === 0) {
    storeShutdownCode(draft, domain.domid, code);
    return;
  }
  // One that is on its way waits for a vCPU in the middle of an emulation (F2.23).
  const waits = domain.vcpus.some((v) => v.deferShutdown);
  shutDown(draft, domain.domid, waits ? 'in_progress' : 'complete', code);
};

/** Characters of the longest name that a record holds. */
const MAX_NAME = 1024;
/** Ranges of I/O ports of a domain that has its devices one by one. */
const MANY_RANGES = 200;

/** What domain_create() and the tool stack gave it. */
const gifts = ({ draft, at, n }: Site): void => {
  const { domain } = at;
  const [a, b, c] = n;
  domain.weight = 1 + a;
  domain.maxPages = at.pages.length + wide(b);
  domain.tsc = {
    mode: a % 4,
    khz: 1_000_000 + b,
    // Where the guest has set its TSC back, it has not yet run to 0.
    offset: c % 4 === 3 ? draft.xen.now + 1000 * c : b - 500,
    incarnation: b % 4 === 3 ? 2 ** 32 - 1 - c : c,
  };
  addRange(domain.iomem, 0x1000 + 64 * wide(a), 0x1000 + 64 * wide(a) + b);
  addRange(domain.ioports, 16 * c, 16 * c + (b % 9));
  addRange(domain.irqs, 200 + (a % 40), 200 + (a % 40) + (b % 5));
  domain.name = c % 5 === 0 ? null : `vm-${a}`.padEnd(c % 5 === 4 ? MAX_NAME : 0, 'm');
  if (c % 5 === 3) domain.name = `vm-\u{e9}-${a}`;
  for (let i = 0; c % 9 === 8 && i < MANY_RANGES; i++)
    addRange(domain.ioports, 0x8000 + 16 * i, 0x8007 + 16 * i);
  domain.config.handle = `${a}-${b}-${c}`;
  domain.config.vmAssist = b % 64;
  if (domain.type !== 'pv') domain.config.hap = c % 8 !== 7;
  if (domain.type !== 'pv')
    Object.assign(domain.hvmParams, { [a % 40]: widest(b), [40 + (b % 4)]: widest(c) });
};

/** Limits of its grant table other than the host's (F2.3). */
const limits = ({ at, n }: Site): void => {
  const { grants, config } = at.domain;
  grants.maxFrames = Math.max(grants.frames.length, 8 + (n[0] % 56));
  grants.maxMaptrackFrames = 16 + n[1];
  config.maxGrantVersion = n[2] % 2 === 0 ? 2 : grants.version;
};

const unfinished = (site: Site): void => {
  const { draft, at } = site;
  if (isDom0(site) || !at.domain.creationFinished) return;
  at.domain.creationFinished = false;
  pauseByController(draft, at.domain.domid);
};

const privileged = ({ at }: Site): void => {
  at.domain.isPrivileged = true;
};

const target = ({ draft, at, other }: Site): void => {
  if (at !== other && at.domain.domid !== 0 && at.domain.target === null)
    setTarget(draft, at.domain.domid, other.domain.domid);
};

/** XEN_DOMCTL_destroydomain, and some phases of it or all (F2.7 to F2.11). */
const destroy = function* ({ host, at, n }: Place): Generator<HostEvent> {
  if (at === 0) return;
  const callers = host.xen.domains[0]?.vcpus ?? [];
  for (const v of callers) yield { type: 'domctl.destroydomain', caller: 0, vcpu: v.id, domid: at };
  for (let i = 0; i < n[0] % 18; i++) yield { type: 'domain.kill', domid: at };
  if (n[1] % 2 === 0) yield { type: 'rcu.run' };
};

/** Pages that outlive their owner: dom0 maps some of its own, or of Xen's for it (F2.16, F7.9). */
const hold = ({ draft, at, n }: Site): void => {
  const dom0 = draft.domains[0];
  const { grants, sharedInfo } = at.domain;
  const frames = [
    at.pages[n[1] % at.pages.length],
    sharedInfo,
    grants.frames[0],
    grants.statusFrames[0],
  ];
  if (dom0 === undefined || at === dom0) return;
  for (const i of [n[0] % 4, (n[0] >> 2) % 5])
    if (room(dom0) > 0 && frames[i] != null) mapForeign(draft, dom0, frames[i], n[2] % 2 === 0);
};

const zombie: PartKind['live'] = function* (place) {
  yield* destroy({ ...place, n: [17, ...place.n.slice(1)] as never });
};

export const lifeParts: readonly PartKind[] = [
  {
    id: 'pause',
    says: 'pauses of the domain, nested',
    sources: ['F2.18', 'F2.19'],
    weight: 6,
    ofGuests: true,
    build: pause,
  },
  {
    id: 'shutdown',
    says: 'a shutdown, or a code stored for one',
    sources: ['F2.23', 'F2.27'],
    weight: 6,
    ofGuests: true,
    build: shutdown,
  },
  {
    id: 'gifts',
    says: 'what the tool stack gave it',
    sources: ['F2.1', 'F10.7'],
    weight: 14,
    build: gifts,
  },
  {
    id: 'limits',
    says: 'limits of its grant table',
    sources: ['F2.3', 'S56'],
    weight: 4,
    build: limits,
  },
  {
    id: 'unfinished',
    says: 'a domain that never ran',
    sources: ['F2.2'],
    weight: 2,
    ofGuests: true,
    build: unfinished,
  },
  {
    id: 'privileged',
    says: 'a privileged domain',
    sources: ['F2.23'],
    weight: 1,
    build: privileged,
  },
  {
    id: 'target',
    says: 'a device-model domain and its target',
    sources: ['F2.14'],
    weight: 3,
    ofGuests: true,
    build: target,
  },
  {
    id: 'destroy',
    says: 'destroydomain, up to some phase or the end',
    sources: ['F2.7', 'F2.9', 'F2.16', 'Q3'],
    weight: 9,
    ofGuests: true,
    live: destroy,
  },
  {
    id: 'zombie',
    says: 'a domain that is dead, and of which dom0 maps pages',
    sources: ['F2.16', 'R8', 'S30'],
    weight: 3,
    ofGuests: true,
    build: hold,
    live: zombie,
  },
];
