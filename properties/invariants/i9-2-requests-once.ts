import { numericEntries } from '../../src/host/codec.ts';
import { IOREQ } from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import type { IoreqServer } from '../../src/host/ioreq.ts';
import { invariant, type Verdict, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { vcpuName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const STATES = ['NONE', 'READY', 'INPROCESS', 'RESP_READY'];
const nameOf = (state: number): string => STATES[state] ?? String(state);

const slotsOf = (host: Host, s: IoreqServer) =>
  s.ioreqPage === null
    ? []
    : numericEntries(contentOf(host.hardware, s.ioreqPage, 'ioreq')?.slots ?? {});

/** The slots of a domain's servers: who waits, and what the emulator will see. */
const auditDomain = (a: Audit, host: Host, d: Domain): void => {
  for (const [id, s] of numericEntries(d.ioreqServers))
    for (const [vcpu, slot] of slotsOf(host, s)) {
      a.count();
      const where = `${vcpuName(d.domid, vcpu)} server ${id}`;
      const waits = s.vcpus[vcpu]?.pending === true;
      const busy = slot.state !== IOREQ.NONE;
      if (busy && !waits) a.offend(where, `slot is ${nameOf(slot.state)}, and nobody waits for it`);
      if (!busy && waits) a.offend(where, 'waits for an answer to a request that was never sent');
      const port = s.vcpus[vcpu]?.port;
      if (port !== undefined && slot.vpEport !== port)
        a.offend(where, `slot notifies port ${slot.vpEport}, the server has ${port}`);
    }
};

/** Xen sends and consumes, the emulator takes and answers; nothing else may happen to a slot (F9.1). */
const NEXT: Readonly<Record<number, number>> = {
  [IOREQ.NONE]: IOREQ.READY,
  [IOREQ.READY]: IOREQ.INPROCESS,
  [IOREQ.INPROCESS]: IOREQ.RESP_READY,
  [IOREQ.RESP_READY]: IOREQ.NONE,
};

const watch = (): Watcher => {
  const a = new Audit();
  /** By page and vCPU: the state at the step before. Pages stay where they are. */
  const last = new Map<string, { state: number; where: string }>();
  return {
    see: ({ type, host, phase }) => {
      for (const [frame, content] of ioreqPages(host, last.size > 0 ? pagesOf(last) : null))
        for (const [vcpu, state] of content) {
          const key = `${frame}/${vcpu}`;
          const before = last.get(key);
          const where = before?.where ?? `frame 0x${frame.toString(16)} slot ${vcpu}`;
          if (before !== undefined && before.state !== state) {
            a.count();
            const expected = NEXT[before.state] === state;
            if (!expected || phase === 'jumped' || phase === 'restoring')
              a.offend(where, `slot went ${nameOf(before.state)} -> ${nameOf(state)} at ${type}`);
          }
          last.set(key, { state, where });
        }
    },
    verdict: () => a.verdict(),
  };
};

const pagesOf = (last: ReadonlyMap<string, unknown>): number[] => [
  ...new Set([...last.keys()].map((key) => Number(key.split('/')[0]))),
];

/** States by frame and vCPU, of the servers known now and of pages known before. */
const ioreqPages = (
  host: Host,
  known: readonly number[] | null,
): readonly (readonly [number, readonly (readonly [number, number])[]])[] => {
  const frames = new Set<number>(known ?? []);
  for (const d of domainsOf(host))
    for (const s of Object.values(d.ioreqServers))
      if (s.ioreqPage !== null) frames.add(s.ioreqPage);
  return [...frames].map((frame) => [
    frame,
    numericEntries(contentOf(host.hardware, frame, 'ioreq')?.slots ?? {}).map(
      ([vcpu, slot]) => [vcpu, slot.state] as const,
    ),
  ]);
};

const audit = (host: Host): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(host)) auditDomain(a, host, d);
  return a.verdict();
};

export default invariant({
  id: 'I9.2',
  title: 'Each I/O request is seen once and answered once',
  says:
    'A slot goes NONE, READY, INPROCESS, RESP_READY and around, a step at a time; while Xen is ' +
    'exchanged it stands still; and whenever it is not NONE, its vCPU waits for it.',
  why:
    'A request sent twice writes twice; an answer that nobody takes blocks the slot, and the ' +
    'next access of the guest goes unhandled.',
  sources: ['I9.2', 'REQ-2', 'F9.1', 'F9.4', 'F9.6', 'S1'],
  afterCrash: true,
  host: audit,
  watch,
});
