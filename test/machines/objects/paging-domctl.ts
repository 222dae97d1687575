/** Log-dirty operations: whole, half done, left by their caller. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { without } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { domainAt } from '../../../src/host/build/draft.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import { answer, destroyed, finish, finishedOff, keptByDom0, UNLOADED, UPDATE } from './events.ts';

type Op = 'enable_logdirty' | 'get_allocation' | (typeof HALVES)[number];
/** Operations that a tool stack does half, and goes on with. */
const HALVES = ['peek', 'clean', 'off', 'set_allocation'] as const;
const op = (name: Op, preempt = false, domid = 1, vcpu = domid - 1): WorldEvent => ({
  type: 'domctl.shadow_op',
  caller: 0,
  vcpu,
  domid,
  op: name,
  preempt,
});
const on = (domid = 1): WorldEvent => ({ type: 'paging.continue', domid });
const HALF_DONE = { caller: 0 as never, op: 'clean', done: 1 } as const;
/** dom0 and HVM guests, each in the middle of an operation whose caller is elsewhere. */
const abandoned = (guests: number) =>
  hostOf(
    Array.from({ length: guests }, () => 'hvm' as const),
    (draft) => {
      for (let id = 1; id <= guests; id++) {
        const { domain } = domainAt(draft, id);
        domain.pagingPreempt = HALF_DONE;
        if (domain.p2m !== null) domain.p2m.logDirty = true;
      }
    },
  );

/** The same, and the domain stays when it has died. */
const kept = () =>
  hostOf(['hvm', 'pv'], (draft) => {
    domainAt(draft, 1).domain.pagingPreempt = HALF_DONE;
    keptByDom0(draft, 1);
  });

export const paging = (): Life[] => {
  const logged = () => hostOf(['hvm']);
  return [
    life('log-dirty', logged(), [
      [op('enable_logdirty'), op('peek'), op('off'), op('enable_logdirty')],
      ...HALVES.map((h) => [
        ...[op(h, true), op('peek'), op('get_allocation')],
        ...[on(), op('enable_logdirty')],
      ]),
      ...HALVES.map((h) => [op(h, true), finish(0), op('enable_logdirty')]),
      UPDATE,
    ]),
    life('a logged domain that is finished off', logged(), [
      [op('enable_logdirty'), ...finishedOff(1)],
    ]),
    ...HALVES.flatMap((h) => [
      ...(['finish', 'exact', 'lose'] as const).map((Q5) =>
        life(
          `a half-done ${h}, Q5 = ${Q5}`,
          logged(),
          [[op('enable_logdirty'), op(h, true)], UPDATE, [on(), finish(0)]],
          answer({ Q5 }),
        ),
      ),
      life(`a half-done ${h} of a domain that dies`, logged(), [
        [op('enable_logdirty'), op(h, true), ...destroyed(1, 0)],
        destroyed(1),
        [finish(0)],
      ]),
    ]),
    life('an operation that nobody goes on with', abandoned(1), [
      [on(), op('off'), ...destroyed(1)],
    ]),
    life('an operation that nobody goes on with, of a domain that is finished off', kept(), [
      finishedOff(2),
      finishedOff(1),
    ]),
    life('an operation that nobody goes on with, and a death', abandoned(1), [destroyed(1)]),
  ];
};

/** The same is done to two domains, each by another vCPU of dom0. */
export const twoLogged = (): Life[] => {
  const logged = () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
    for (let n = 0; n < 2; n++) addDomain(draft, { type: 'hvm', pages: 16 });
    return finishHost(draft);
  };
  const both = [op('enable_logdirty'), op('enable_logdirty', false, 2)];
  return [
    life('two domains logged', logged(), [
      [op('enable_logdirty', false, 2), op('off', false, 2)],
      both,
      ...HALVES.map((h) => [
        op(h, true),
        op('peek', true, 2),
        on(2),
        op('peek', true, 2),
        finish(0, 1),
        on(),
        op('enable_logdirty'),
      ]),
    ]),
    ...HALVES.map((h) =>
      life(
        `two domains logged, a ${h} lost`,
        logged(),
        [[...both, op(h, true), op(h, true, 2)], UPDATE, [finish(0, 1), finish(0, 0)]],
        answer({ Q5: 'lose' }),
      ),
    ),
    ...HALVES.flatMap((h) => {
      const ends = (domid: number): WorldEvent => ({
        ...{ type: 'domctl.destroydomain', caller: 0, vcpu: 1, domid },
      });
      const begins = [...both, op(h, true), ends(2), finish(0, 1), ends(1)];
      const kills = Array.from(
        { length: 20 },
        (): WorldEvent => ({ type: 'domain.kill', domid: 1 }),
      );
      return [
        life(`a half-done ${h} whose domain another vCPU ends`, logged(), [
          [...begins, ...kills, finish(0, 0)],
        ]),
        life(`a half-done ${h} whose domain another vCPU ends at once`, logged(), [
          [...begins, finish(0, 1), finish(0, 0)],
        ]),
      ];
    }),
    life('two operations that nobody goes on with', abandoned(2), [[on(2), on()]]),
    life(
      'a jump that does not happen, in a log-dirty',
      logged(),
      [[op('enable_logdirty'), op('clean', true)], ...UNLOADED],
      without(answer({ Q5: 'exact' }), 'R10'),
    ),
  ];
};
