/** Each rule on the state of domains, dropped over a host that has such state, breaks what it should. */
import { expect, test } from 'vitest';
import { loadInvariants } from '../../properties/registry.ts';
import { hostOf } from '../../properties/support/scenes.ts';
import { updateAndJudge } from '../../src/check/judge-update.ts';
import { defaultDesign, without } from '../../src/design/design.ts';
import type { RuleId } from '../../src/design/rules.ts';
import { type DomainDraft, domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { addIoreqServer, bufferIoreqs } from '../../src/host/build/ioreq.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import { HYPERVISOR, VPF } from '../../src/host/constants.ts';
import { version } from '../support/updates.ts';

const invariants = await loadInvariants();
const first = (draft: HostDraft) => vcpuAt(domainAt(draft, 1), 0);
const emulated = (draft: HostDraft): void => {
  bufferIoreqs(draft, 1, addIoreqServer(draft, 1, { emulator: 0 }), 2);
};

/** What d1, an HVM guest, has of the state; d2 is a PV guest. */
const STATE: readonly (readonly [RuleId, string, (draft: HostDraft) => void])[] = [
  ['R35', 'VER-1', (draft) => Object.assign(first(draft), { injectVector: 0x30 })],
  ['R36.2', 'PNR-2', () => undefined],
  ['R37', 'PNR-2', () => undefined],
  ['F2.17.flags', 'RUN-1', (draft) => Object.assign(first(draft), { pauseFlags: VPF.blocked })],
  [
    'F3.1.registers',
    'I3.2',
    (draft) =>
      Object.assign(first(draft).registers, { rax: HYPERVISOR.memory_op, atHypercall: true }),
  ],
  ['F6.2.consumer', 'I6.6', emulated],
  [
    'F7.4.free',
    'I7.4',
    (draft) => mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) }),
  ],
  [
    'F8.20.foreign',
    'PNR-2',
    (draft) => mapForeignGfn(draft, domainAt(draft, 1), pageOf(domainAt(draft, 2))),
  ],
  [
    'F8.23.logdirty',
    'VER-1',
    (draft) => Object.assign(domainAt(draft, 1).domain.p2m ?? {}, { logDirty: true }),
  ],
  ['F9.8.ring', 'I9.1', emulated],
  ['F10.12.runstate', 'VER-1', () => undefined],
];

const pageOf = (d: DomainDraft): number => d.pages[10] as number;

test.each(STATE)('without %s %s breaks', (rule, id, change) => {
  const host = hostOf(['hvm', 'pv'], (draft) => {
    change(draft);
  });
  const run = (design: typeof defaultDesign): string[] =>
    updateAndJudge({ host, from: version('4.17'), to: version('4.17'), design, invariants })
      .invariants.filter((i) => !i.holds)
      .map((i) => i.id);
  expect(run(defaultDesign)).toEqual([]);
  expect(run(without(defaultDesign, rule))).toContain(id);
});
