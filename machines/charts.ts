/** Every chart that runs beside the update, in the order of reports. */
import type { AnyChart } from '../src/world/chart.ts';
import continueOnCpu from './continue-on-cpu.ts';
import destroyDomain from './destroy-domain.ts';
import domain from './domain.ts';
import eventChannel from './event-channel.ts';
import evtchnReset from './evtchn-reset.ts';
import grant from './grant.ts';
import hypercall from './hypercall.ts';
import iommu from './iommu.ts';
import ioreq from './ioreq.ts';
import kexecSlot from './kexec-slot.ts';
import pageType from './page-type.ts';
import pagingDomctl from './paging-domctl.ts';
import pvMm from './pv-mm.ts';
import rcu from './rcu.ts';
import restoreDomain from './restore-domain.ts';
import tasklet from './tasklet.ts';
import vcpu from './vcpu.ts';

export const CHARTS: readonly AnyChart[] = [
  domain,
  vcpu,
  hypercall,
  destroyDomain,
  pvMm,
  pageType,
  grant,
  eventChannel,
  evtchnReset,
  ioreq,
  pagingDomctl,
  tasklet,
  continueOnCpu,
  rcu,
  kexecSlot,
  iommu,
  restoreDomain,
];
