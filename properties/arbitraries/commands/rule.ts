/** What the model knows of one event: could it happen, what is the caller told, what is different. */
import type { HostEvent } from '../../../src/hypercalls/events.ts';
import type { DomainModel, Model, VcpuModel } from './model.ts';

/**
 * What becomes of an event: it happens, nobody could ask for it now, or Xen
 * refuses it with this errno. 'open': that depends on memory, which the model
 * has not; 'no': it does not happen, and why depends on memory.
 */
export type Says = 'happens' | 'not enabled' | 'open' | 'no' | `E${string}` | `GNTST_${string}`;

export interface Rule<E> {
  /** Is there anything in this host that the event could be about? Absent: there always is. */
  readonly could?: (m: Model) => boolean;
  readonly says: (m: Model, e: E) => Says;
  /**
   * Brings the model to where the event leads. `after` is what the host shows
   * then: for names that Xen chose, and for what the model does not follow.
   */
  readonly moves?: (m: Model, e: E, after: Model) => void;
}
export type Rules = { readonly [K in HostEvent['type']]: Rule<Extract<HostEvent, { type: K }>> };
/** Rules of a group of events. */
export type RulesOf<K extends HostEvent['type']> = Pick<Rules, K>;

/** A domain that the event has named, and that `says` has found. */
export const domainAt = (m: Model, id: number): DomainModel => m.domains[id] as DomainModel;

export const domainsOf = (m: Model): readonly DomainModel[] => Object.values(m.domains);

export const numbers = (record: Readonly<Record<number, unknown>>): readonly number[] =>
  Object.keys(record).map(Number);

const isRunnable = (d: DomainModel, v: VcpuModel): boolean =>
  v.initialised && !v.down && v.ready && !v.stopped && v.waits === 0 && d.pauses + d.holds === 0;

/** Can this vCPU make a hypercall now? */
export const canCall = (m: Model, id: number, vcpu: number): boolean => {
  const d = m.domains[id];
  const v = d?.vcpus[vcpu];
  return d !== undefined && v !== undefined && isRunnable(d, v);
};

/** Domains that have a vCPU which can make a hypercall now. */
export const callers = (m: Model): readonly DomainModel[] =>
  domainsOf(m).filter((d) => d.vcpus.some((v) => isRunnable(d, v)));

/** May `id` act on `other` as its device model or tool stack? */
export const hasRight = (m: Model, id: number, other: number): boolean =>
  id === other || domainAt(m, id).privileged || domainAt(m, id).target === other;

interface Called {
  readonly vcpu: number;
}
type ByCaller = Called & ({ readonly domid: number } | { readonly caller: number });
const callerOf = (e: ByCaller): number => ('caller' in e ? e.caller : e.domid);

/** The rule of a hypercall: some vCPU must be able to make it, and this one is. */
export const hypercall = <E extends ByCaller>(rule: Rule<NoInfer<E>>): Rule<E> => ({
  ...rule,
  could: (m) => callers(m).length > 0 && (rule.could?.(m) ?? true),
  says: (m, e) => (canCall(m, callerOf(e), e.vcpu) ? rule.says(m, e) : 'not enabled'),
});

/** The rule of a domctl or sysctl: for privileged domains only. */
export const byTools = <E extends ByCaller>(rule: Rule<NoInfer<E>>): Rule<E> =>
  hypercall({
    ...rule,
    could: (m) => callers(m).some((d) => d.privileged) && (rule.could?.(m) ?? true),
    says: (m, e) => (domainAt(m, callerOf(e)).privileged ? rule.says(m, e) : 'EPERM'),
  });

/** Takes fields of a domain over from what the host shows. */
export const adopt = (
  m: Model,
  after: Model,
  id: number,
  ...fields: readonly (keyof DomainModel)[]
): void => {
  const [d, now] = [m.domains[id], after.domains[id]];
  if (d === undefined || now === undefined) return;
  for (const field of fields) Object.assign(d, { [field]: now[field] });
};

/** Pages may have been freed with their last reference: no domain can have got one. */
export const pagesMayGo = (m: Model, after: Model): void => {
  for (const id of numbers(m.domains)) {
    const now = after.domains[id];
    if (now !== undefined && now.pages < domainAt(m, id).pages) adopt(m, after, id, 'pages');
  }
};
