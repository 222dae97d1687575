import { VIRQ } from '../../src/host/constants.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { portBits } from '../support/event-bits.ts';
import { portName } from '../support/names.ts';
import { domainsOf, portsOf } from '../support/walk.ts';

/** Ports of VIRQ_DOM_EXC that are pending, by their names. */
const pendingOf = (host: Host): ReadonlySet<string> => {
  const pending = new Set<string>();
  for (const [d, port, { binding }] of portsOf(host))
    if (
      binding.state === 'virq' &&
      binding.virq === VIRQ.DOM_EXC &&
      portBits(host, d)(port).pending
    )
      pending.add(portName(d.domid, port));
  return pending;
};

/** How a domain's life stands, as the tool stack is told. */
const lifeOf = (host: Host): string =>
  JSON.stringify(
    domainsOf(host).map((d) => [d.domid, d.dying === 'dead', d.shutdown.state === 'complete']),
  );

const watch = (): Watcher => {
  const a = new Audit();
  let last: { readonly pending: ReadonlySet<string>; readonly life: string } | null = null;
  return {
    see: ({ type, host, phase }) => {
      // While xen#2 makes domains and ports anew, nothing is raised that was not there.
      if (phase === 'jumped' || phase === 'restoring') return;
      const now = { pending: pendingOf(host), life: lifeOf(host) };
      if (last !== null) {
        a.count();
        for (const port of now.pending)
          if (!last.pending.has(port) && now.life === last.life)
            a.offend(port, `VIRQ_DOM_EXC at ${type}, but no domain is dead, gone or shut down`);
      }
      last = now;
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'EVT-2',
  title: 'Nobody is told of an end before it has come',
  says:
    'VIRQ_DOM_EXC becomes pending only in a step in which a domain is dead, gone, or has shut ' +
    'down.',
  why:
    'The tool stack looks once when it is told. Told too early, it finds the domain alive, ' +
    'forgets about it, and leaves a zombie (xenstored, 98f60e5de0).',
  sources: ['EVT-2', 'F2.15', 'F2.24', 'F4.3'],
  watch,
});
