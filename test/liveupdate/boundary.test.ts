/** What stands between a host and the save, asked directly (F9.9). */
import { describe, expect, test } from 'vitest';
import { hostOf } from '../../properties/support/scenes.ts';
import { type Design, defaultDesign } from '../../src/design/design.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { addIoreqServer, sendIoreq } from '../../src/host/build/ioreq.ts';
import { startDying } from '../../src/host/build/lifecycle.ts';
import { EVTCHNOP, HYPERVISOR, IOREQ } from '../../src/host/constants.ts';
import { obstacles } from '../../src/liveupdate/boundary/index.ts';
import { version } from '../support/updates.ts';

const at = version('4.17');
const standing = (
  type: 'pv' | 'hvm',
  change: (draft: HostDraft) => void,
  policies: Partial<Design['policies']> = {},
) => {
  const design = { ...defaultDesign, policies: { ...defaultDesign.policies, ...policies } };
  return obstacles(hostOf([type, 'pv'], change), { design, from: at, to: at });
};

describe('a request that is answered, and not completed (F9.6)', () => {
  const answered = (draft: HostDraft): void => {
    addIoreqServer(draft, 1, { emulator: 2 });
    sendIoreq(draft, 1, 0, 0, IOREQ.RESP_READY);
  };

  test('is completed by its vCPU', () => {
    expect(standing('hvm', answered)).toMatchObject([
      { where: 'd1v0', progress: { type: 'vcpu.complete-io', domid: 1, vcpu: 0 } },
    ]);
  });

  test.each([
    ['by the tool stack', { controllerPauseCount: 1, pauseCount: 1 }],
    ['for a shutdown', { pausedForShutdown: true, pauseCount: 1 }],
  ])('is completed by nothing while that is paused %s', (_, pause) => {
    const [one, ...more] = standing('hvm', (draft) => {
      answered(draft);
      Object.assign(vcpuAt(domainAt(draft, 1), 0), pause);
    });
    expect(more).toEqual([]);
    expect(one).toMatchObject({ where: 'd1v0', progress: null });
    expect(one?.what).toContain('the vCPU is paused');
  });
});

test.each([
  ['finish', true],
  ['wait', true],
  ['shell', false],
  ['exact', false],
  ['drop', false],
] as const)('Q3 = %s: is a domain in destroydomain waited for: %s', (Q3, waited) => {
  const found = standing('pv', (draft) => startDying(draft, 1), { Q3 });
  expect(found.map((o) => o.progress?.type)).toEqual(waited ? ['domain.kill'] : []);
});

test('a cursor that the sub-op of its vCPU does not resume has nobody to go on (S14)', () => {
  const half = (rdi: number) => (draft: HostDraft) => {
    const { domain } = domainAt(draft, 1);
    domain.events.nextEvtchn = 3;
    Object.assign(vcpuAt(domainAt(draft, 1), 0).registers, {
      rax: HYPERVISOR.event_channel_op,
      rdi,
      rsi: 1,
      atHypercall: true,
    });
  };
  expect(standing('pv', half(EVTCHNOP.reset_cont)).map((o) => o.progress?.type)).toEqual([
    'evtchn.reset-continue',
  ]);
  expect(standing('pv', half(EVTCHNOP.reset))).toMatchObject([{ where: 'd1', progress: null }]);
});
