/** For each answer to a question about hand-over and restore, the smallest scope that tells it apart. */

import type { PolicyId } from '../../src/design/policies.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt } from '../../src/host/build/draft.ts';
import { bindInterdomain } from '../../src/host/build/events.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { addIoreqServer } from '../../src/host/build/ioreq.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import { loadKexec } from '../../src/host/build/system.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import type { ScenarioStart } from '../scenario.ts';
import { hostOf, requestsOf } from '../support/scenes.ts';

export interface Scope {
  /** What is in it, for people. */
  readonly what: string;
  readonly start: () => ScenarioStart;
  readonly events?: readonly WorldEvent[];
  readonly order?: 'fair' | 'any';
  /** Only these invariants; default: all. */
  readonly judgedBy?: readonly string[];
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

export const withCrashKernel = () =>
  hostOf(['pv'], (draft) => {
    loadKexec(draft, 'crash', { build: draft.xen.build, commandLine: 'crash' });
  });

export const SCOPES: Readonly<Record<PolicyId, Scope | { readonly scenario: string }>> = {
  Q1: { scenario: 'S1' },
  Q2: { scenario: 'S12' },
  Q3: {
    what: 'a guest that dom0 destroys at any moment, while dom0 has a page of it mapped',
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
  Q4: { scenario: 'S13' },
  Q5: { scenario: 'S19' },
  Q6: { scenario: 'S20' },
  Q7: {
    what: 'a PVH guest with a v2 grant table, and an xen#2 that allows v1 only',
    start: () => ({
      host: hostOf([], (draft) => {
        addDomain(draft, { type: 'pvh', pages: 16, grantVersion: 2 });
      }),
      image: { gnttabMaxVersion: 1 },
    }),
  },
  Q8: {
    what: 'an end of a channel that xen#1 has wrong already (only the end is judged)',
    judgedBy: ['PNR-2', 'VER-1'],
    start: () => ({ host: oneSided() }),
  },
  Q9: {
    what: 'an HVM domain that maps a page of another domain',
    start: () => ({
      host: hostOf(['pv', 'hvm'], (draft) => {
        mapForeignGfn(draft, domainAt(draft, 2), domainAt(draft, 1).pages[10] as number);
      }),
    }),
  },
  Q10: {
    what: 'a host without 4 MiB of free memory in a row',
    start: () => ({ host: hostOf(['pv']) }),
  },
  Q11: {
    what: 'an image of 4 MiB where xen#1 has 2 MiB, and 4 MiB of bootmem',
    start: () => ({
      host: hostOf(['pv'], () => undefined, {
        ...{ ramFrames: 2560, imageStart: 1536, bootmemFrames: 1024 },
      }),
      image: { imageFrames: 1024 },
    }),
  },
  Q12: {
    what: 'dom0 and a guest, and every order of the steps of the update',
    start: () => ({ host: channel() }),
    order: 'any',
  },
  Q13: {
    what: 'an HVM guest whose device model runs in another HVM domain',
    start: () => ({
      host: hostOf(['hvm', 'hvm'], (draft) => {
        addIoreqServer(draft, 1, { emulator: 2 });
      }),
    }),
    events: requestsOf(1),
  },
  Q14: {
    what: 'dom0 and a guest with a channel, and every order of the steps of the update',
    start: () => ({ host: channel() }),
    order: 'any',
  },
  Q15: {
    what: 'a host with a crash kernel loaded',
    start: () => ({ host: withCrashKernel() }),
  },
  Q16: { what: 'dom0 and one guest', start: () => ({ host: hostOf(['pv']) }) },
};
