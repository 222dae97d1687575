/**
 * The restartable boundary (R12, F9.9): what still stands between a vCPU, a
 * domain or the host and a state that can be saved. Each obstacle says what
 * has to happen for it to go away, or that nothing will: then the update is
 * refused and the obstacle is the reason.
 */
import { type Design, keeps } from '../../design/design.ts';
import { numericEntries } from '../../host/codec.ts';
import { type Domain, lacksOnlyMove, pagingOpText } from '../../host/domain.ts';
import type { Host } from '../../host/host.ts';
import { isAbandoned } from '../primitive.ts';
import type { BoundaryContext, Obstacle } from './obstacle.ts';
import { resetObstacles } from './reset.ts';
import { vcpuObstacles } from './vcpu.ts';

/** Is state that no record carries a reason to refuse (Q7)? */
const refusesUnknown = (design: Design): boolean =>
  keeps(design, 'F13.7.unsupported') && design.policies.Q7 === 'refuse';

/** A device model outside a PV domain, where the design does not take those (Q13). */
const emulatorObstacles = (host: Host, d: Domain, design: Design): Obstacle[] =>
  design.policies.Q13 !== 'refused'
    ? []
    : numericEntries(d.ioreqServers).flatMap(([id, s]): Obstacle[] =>
        host.xen.domains[s.emulator]?.type === 'pv'
          ? []
          : [
              {
                where: `d${d.domid}`,
                domid: d.domid,
                what: `server ${id} is emulated by d${s.emulator}, which is no PV domain`,
                sources: ['Q13', 'A1'],
                progress: null,
              },
            ],
      );

/**
 * A domain of which nothing is left but its move to cpupool0 is carried as it
 * is, by either: that may never succeed here (F4.4), and xen#2 has no other pool.
 */
const isCarried = (d: Domain, design: Design): boolean =>
  keeps(design, 'F4.4.cpupool') && lacksOnlyMove(d);

/** What stands between one domain and the save. */
export const domainObstacles = (host: Host, d: Domain, ctx: BoundaryContext): Obstacle[] => {
  const { design } = ctx;
  const at = { where: `d${d.domid}`, domid: d.domid };
  const found = [
    // vCPUs of a dying domain never run again: what they were at ends with them.
    ...(d.dying === 'alive' ? d.vcpus.flatMap((v) => vcpuObstacles(host, d, v, ctx)) : []),
    ...(d.dying === 'alive' ? resetObstacles(host, d, ctx) : []),
    ...(d.dying === 'alive' ? emulatorObstacles(host, d, design) : []),
  ];
  // What no record carries ends with the domain, so that one that uses it is finished first (Q7).
  const finishes =
    design.policies.Q3 === 'finish' || (refusesUnknown(design) && d.unsupported.length > 0);
  const isWaitedFor = design.policies.Q3 === 'wait' || (finishes && !isCarried(d, design));
  if (d.dying === 'dying' && isWaitedFor)
    found.push({
      ...at,
      what: `in the middle of destroydomain (${d.teardown.phase})`,
      sources: ['Q3', 'F4.1'],
      progress: { type: 'domain.kill', domid: d.domid },
    });
  if (d.dying === 'dead' && design.policies.Q3 === 'wait')
    found.push({
      ...at,
      what: 'a zombie: dead, but its pages are still referenced',
      sources: ['Q3', 'F2.16', 'S34'],
      progress: null,
      mayEnd: true,
    });
  if (d.pagingPreempt !== null && design.policies.Q5 === 'finish')
    found.push({
      ...at,
      what: `a ${pagingOpText(d.pagingPreempt.op)} is half done`,
      sources: ['Q5', 'F3.11'],
      progress: { type: 'paging.continue', domid: d.domid },
    });
  // What a domain in destroydomain used ends with it, before anything is saved.
  if (refusesUnknown(design) && d.dying !== 'dying')
    for (const feature of d.unsupported)
      found.push({
        ...at,
        what: `uses ${feature}, for which no record exists`,
        sources: ['F13.7', 'Q7'],
        progress: null,
      });
  return found;
};

/** What stands between the host's own deferred work and the save (I3.1). */
export const systemObstacles = (host: Host, ctx: BoundaryContext): Obstacle[] => {
  const { design } = ctx;
  const { system } = host.xen;
  const found: Obstacle[] = [];
  for (const k of system.tasklets) {
    if (k.scheduledOn === null && !k.running) continue;
    const owner = k.vcpu === null ? 'host' : `d${k.vcpu.domid}v${k.vcpu.vcpu}`;
    if (isAbandoned(design, k)) continue;
    found.push({
      where: owner,
      domid: k.vcpu?.domid ?? null,
      what: `tasklet ${k.work} is ${k.running ? 'running' : `queued on CPU ${k.scheduledOn}`}`,
      sources: ['R45', 'F3.12', 'F3.16'],
      progress: design.policies.Q2 === 'refuse' ? null : { type: 'tasklet.run', id: k.id },
    });
  }
  if (keeps(design, 'F3.17.rcu') && system.rcu.length > 0)
    found.push({
      where: 'host',
      domid: null,
      what: `${system.rcu.length} RCU callbacks wait`,
      sources: ['F3.17', 'F9.9'],
      progress: { type: 'rcu.run' },
    });
  if (refusesUnknown(design))
    for (const feature of system.unsupported)
      found.push({
        where: 'host',
        domid: null,
        what: `${feature} is in use, for which no record exists`,
        sources: ['F13.7', 'Q7'],
        progress: null,
      });
  return found;
};

/** All obstacles of a host, domains in order of their ids, then the host's own. */
export const obstacles = (host: Host, ctx: BoundaryContext): Obstacle[] => [
  ...numericEntries(host.xen.domains).flatMap(([, d]) => domainObstacles(host, d, ctx)),
  ...systemObstacles(host, ctx),
];
