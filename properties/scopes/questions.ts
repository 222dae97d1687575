/** For each answer to a question about hand-over and restore, the smallest scope that tells it apart. */

import type { Policies, PolicyId } from '../../src/design/policies.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostOptions } from '../../src/host/build/draft.ts';
import { bindInterdomain } from '../../src/host/build/events.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { addIoreqServer } from '../../src/host/build/ioreq.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import { loadKexec } from '../../src/host/build/system.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import type { ScenarioStart } from '../scenario.ts';
import { hostOf, requestsOf, withPorts } from '../support/scenes.ts';

export interface Scope {
  /** What is in it, for people. */
  readonly what: string;
  readonly start: () => ScenarioStart;
  readonly events?: readonly WorldEvent[];
  readonly order?: 'fair' | 'any';
  /** Only these invariants; default: all. */
  readonly judgedBy?: readonly string[];
  /** How other questions are answered meanwhile; default: as by default. */
  readonly given?: Partial<Policies>;
}

const channel = () =>
  hostOf(['pv'], (draft) => {
    bindInterdomain(draft, 1, 0);
  });

/** xen#1's own state is wrong: one end of a channel does not know the other. */
export const oneSided = () => {
  const host = channel();
  const d1 = host.xen.domains[1];
  const c = d1?.events.channels[1];
  if (d1 === undefined || c?.binding.state !== 'interdomain') throw new Error('a channel is there');
  const binding = { ...c.binding, remotePort: 9 as typeof c.binding.remotePort };
  const events = { ...d1.events, channels: { 1: { ...c, binding } } };
  return { ...host, xen: { ...host.xen, domains: { ...host.xen.domains, 1: { ...d1, events } } } };
};

/** Room for an image that is larger by 2 MiB. */
const ROOM_TO_GROW: HostOptions = { ramFrames: 2560, imageStart: 1536, bootmemFrames: 1024 };
const LARGER = { imageFrames: 1024 };

export const withCrashKernel = (options: HostOptions = {}) =>
  hostOf(
    ['pv'],
    (draft) => {
      loadKexec(draft, 'crash', { build: draft.xen.build, commandLine: 'crash' });
    },
    options,
  );

/** A guest of two vCPUs: one resets its channels, the other opens one meanwhile (F5.4). */
const twoVcpus = () =>
  hostOf([], (draft) => {
    const { domain } = addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
    withPorts(draft);
    // As few ports as will do: those that are there, and no more (F2.1).
    domain.events.maxPort = 3;
  });

/** The scope of a scenario, or one of the question's own. */
export type QuestionScope = Scope | { readonly scenario: string };

export const SCOPES: Readonly<Record<PolicyId, readonly QuestionScope[]>> = {
  Q1: [{ scenario: 'S1' }, { scenario: 'S3' }],
  Q2: [{ scenario: 'S12' }],
  Q3: [
    {
      what: 'a guest that dom0 destroys at any moment, one page mapped in dom0',
      start: () => ({
        host: hostOf(['pv'], (draft) => {
          mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) });
        }),
      }),
      events: [
        { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 1 },
        { type: 'domain.kill', domid: 1 },
      ],
    },
    { scenario: 'S33' },
  ],
  Q4: [
    { scenario: 'S13' },
    {
      what: 'a guest that opens a port below the cursor of its own reset',
      start: () => ({ host: twoVcpus() }),
      events: [
        { type: 'evtchn.reset', domid: 1, vcpu: 0, target: 1, ports: 2 },
        { type: 'evtchn.alloc_unbound', domid: 1, vcpu: 1, target: 1, remote: 0 },
      ],
    },
  ],
  Q5: [{ scenario: 'S19' }],
  Q6: [{ scenario: 'S20' }, { scenario: 'S21' }],
  Q7: [
    {
      what: 'a PVH guest with a v2 grant table, and an xen#2 that allows v1 only',
      start: () => ({
        host: hostOf([], (draft) => {
          addDomain(draft, { type: 'pvh', pages: 16, grantVersion: 2 });
        }),
        image: { gnttabMaxVersion: 1 },
      }),
    },
    { scenario: 'X27' },
  ],
  Q8: [
    {
      what: 'an end of a channel that xen#1 has wrong (only the end is judged)',
      judgedBy: ['PNR-2', 'VER-1'],
      start: () => ({ host: oneSided() }),
    },
  ],
  Q9: [
    {
      what: 'an HVM domain that maps a page of another domain',
      start: () => ({
        host: hostOf(['pv', 'hvm'], (draft) => {
          mapForeignGfn(draft, domainAt(draft, 2), domainAt(draft, 1).pages[10] as number);
        }),
      }),
    },
    {
      what: 'the same, and an xen#2 whose own policy gives it no right to that page',
      start: () => ({
        host: hostOf(['pv', 'hvm'], (draft) => {
          mapForeignGfn(draft, domainAt(draft, 2), domainAt(draft, 1).pages[10] as number);
        }),
        commandLine: 'flask=enforcing',
      }),
    },
  ],
  Q10: [
    {
      what: 'a host without 4 MiB of free memory in a row',
      start: () => ({ host: hostOf(['pv']) }),
    },
    {
      what: 'a host with 8 MiB of free memory in a row',
      start: () => ({ host: hostOf(['pv'], () => undefined, { ramFrames: 4096 }) }),
    },
  ],
  Q11: [
    {
      what: 'an image of 4 MiB where xen#1 has 2 MiB, and 4 MiB of bootmem',
      start: () => ({ host: hostOf(['pv'], () => undefined, ROOM_TO_GROW), image: LARGER }),
    },
  ],
  Q12: [
    {
      what: 'dom0 and a guest, and every order of the steps of the update',
      start: () => ({ host: channel() }),
      order: 'any',
    },
  ],
  Q13: [
    {
      what: 'an HVM guest whose device model runs in another HVM domain',
      start: () => ({
        host: hostOf(['hvm', 'hvm'], (draft) => {
          addIoreqServer(draft, 1, { emulator: 2 });
        }),
      }),
      events: requestsOf(1),
    },
    { scenario: 'S7' },
  ],
  Q14: [
    {
      what: 'dom0 and a guest with a channel, and every order of the steps',
      start: () => ({ host: channel() }),
      order: 'any',
    },
    {
      what: 'ends of a channel that xen#1 has wrong, and does not look at (Q8 = crash; only the end is judged)',
      judgedBy: ['PNR-2', 'VER-1'],
      given: { Q8: 'crash' },
      start: () => ({ host: oneSided() }),
    },
  ],
  Q15: [
    {
      what: 'a host with a crash kernel loaded',
      start: () => ({ host: withCrashKernel() }),
    },
    {
      what: 'the same with an image of 4 MiB where xen#1 has 2 MiB',
      start: () => ({ host: withCrashKernel(ROOM_TO_GROW), image: LARGER }),
    },
  ],
  Q16: [{ what: 'dom0 and one guest', start: () => ({ host: hostOf(['pv']) }) }],
};
