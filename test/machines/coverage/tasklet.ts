/** Tasklets that are killed with their domain, and others that come by the number of one that is gone. */
import { defaultDesign, without } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { finish } from '../../../src/host/build/finish.ts';
import { queueTasklet } from '../../../src/host/build/lifecycle.ts';
import type { Tasklet } from '../../../src/host/system.ts';
import type { Coverage } from '../../../src/world/coverage.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { destroyed, RCU } from '../objects/events.ts';
import { Run } from './drive.ts';

const hotplug = (vcpu: number): WorldEvent => ({
  ...{ type: 'sysctl.cpu_hotplug', caller: 0, vcpu, cpu: 1, fails: false },
});

/** dom0 of four vCPUs and a PVH guest, with what `change` queues. */
const hostWith = (...tasklets: readonly Partial<Tasklet>[]) => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16, vcpus: 4 });
  addDomain(draft, { type: 'pvh', pages: 16 });
  for (const k of tasklets) queueTasklet(draft, { work: 'notify', softirq: true, ...k });
  return finish(draft);
};

/** complete_domain_destroy kills what the vCPUs of its domain had queued, and nothing else. */
export const killed = (coverage: Coverage): void => {
  const vcpu = { domid: 1, vcpu: 0 } as never;
  const host = hostWith({ work: 'assert_evtchn_irq', vcpu }, {});
  new Run(coverage, { host })
    .offerAll(destroyed(1))
    .play(RCU, hotplug(0), { type: 'tasklet.run', id: 1 }, { type: 'tasklet.run', id: 2 })
    .play(hotplug(0));
};

/** Lost with xen#1; the next ones take their numbers, one after the other. */
export const lost = (coverage: Coverage): void => {
  const design = without(defaultDesign, 'R45');
  const host = hostWith(
    { work: 'iommu_free_pagetables', softirq: false },
    { work: 'iommu_free_pagetables', softirq: false, running: true, scheduledOn: 0 },
  );
  new Run(coverage, { host, design })
    .update()
    .play({ type: 'lu.settle' }, hotplug(0), hotplug(1), hotplug(2));
};

export const TASKLET_SCRIPTS = [killed, lost];
