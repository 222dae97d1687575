import { restoreDomain } from '../../src/liveupdate/update.ts';
import { isUpdateEvent } from '../../src/world/world.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B20',
  title: 'An error of the restore is dropped',
  says:
    'A step of the restore fails half way, for want of memory, and its error is lost between two ' +
    'callers: the state of the vCPUs is missing, and all goes on.',
  source: 'museum 20: linux 307e0c5859b0 (error of deserialising dropped)',
  kills: ['VER-1', 'RUN-1'],
  start: () => ({ host: hostOf(['hvm']) }),
  events: [],
  order: 'fair',
  actions: {
    restore: (u, e) => {
      if (!isUpdateEvent(e)) return u;
      const done = restoreDomain(u, e);
      const d = u.restoring?.xen.domains[1];
      const r = done.restoring;
      if (e.type !== 'restore.2' || e.domid !== 1 || r === null || d === undefined) return done;
      // Records that come behind the memory of the domain: of its vCPUs.
      const full = r.xen.domains[1] as typeof d;
      const partial = { ...full, vcpus: d.vcpus };
      return {
        ...done,
        restoring: { ...r, xen: { ...r.xen, domains: { ...r.xen.domains, 1: partial } } },
      };
    },
  },
});
