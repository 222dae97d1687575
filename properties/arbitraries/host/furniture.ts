/**
 * What a Linux guest has when it idles, and its backends in dom0, as the
 * captured hosts show: a timer VIRQ and four IPIs for each vCPU, console and
 * xenstore in the reserved grant references, one page and channel of a disk.
 */
import type { DomainDraft, HostDraft } from '../../../src/host/build/draft.ts';
import { bindInterdomain, bindIpi, bindPirq, bindVirq } from '../../../src/host/build/events.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { VIRQ } from '../../../src/host/constants.ts';
import { room } from './parts/kind.ts';

const IPIS_PER_VCPU = 4;
const CONSOLE_REF = 0;
const XENSTORE_REF = 1;

const furnishVcpus = (draft: HostDraft, { domain }: DomainDraft): void => {
  for (const v of domain.vcpus) {
    bindVirq(draft, domain.domid, VIRQ.TIMER, { vcpu: v.id });
    for (let i = 0; i < IPIS_PER_VCPU; i++) bindIpi(draft, domain.domid, { vcpu: v.id });
  }
};

/** Interrupts and VIRQs of dom0: two of the eleven PIRQs are enough to tell them apart. */
const furnishDom0 = (draft: HostDraft): void => {
  bindVirq(draft, 0, VIRQ.DOM_EXC);
  bindVirq(draft, 0, VIRQ.CON_RING);
  bindPirq(draft, 0, 16, 16);
  bindPirq(draft, 0, 23, 19);
  bindInterdomain(draft, 0, 0);
};

const connect = (draft: HostDraft, d: DomainDraft, ref?: number): void => {
  const dom0 = draft.domains[0] as DomainDraft;
  if (room(d) < 1 || room(dom0) < 1) return;
  const { domid } = d.domain;
  const offered = offerGrant(draft, domid, { to: 0, ...(ref === undefined ? {} : { ref }) });
  mapGrant(draft, 0, { granter: domid, ref: offered, host: true });
  bindInterdomain(draft, domid, 0);
};

/** Gives a domain its furniture, as far as its pages go. */
export const furnish = (draft: HostDraft, d: DomainDraft): void => {
  furnishVcpus(draft, d);
  if (d.domain.domid === 0) {
    furnishDom0(draft);
    return;
  }
  for (const ref of [CONSOLE_REF, XENSTORE_REF, undefined]) connect(draft, d, ref);
};
