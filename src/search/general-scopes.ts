/** Scopes that belong to no interaction: hosts with something of everything, for ablation. */
import type { Scenario } from '../../properties/scenario.ts';
import type { RuleId } from '../design/rules.ts';
import { mixedHost } from '../host/build/mixed-host.ts';
import type { WorldEvent } from '../world/world.ts';

/** A scope: a scenario without its fault. */
export type Scope = Pick<Scenario, 'id' | 'start' | 'events' | 'order' | 'updates'>;

const GUESTS: readonly WorldEvent[] = [
  { type: 'ioreq.send', domid: 3, vcpu: 0, server: 0, addr: 0x60, write: true },
  { type: 'evtchn.send', domid: 1, vcpu: 0, port: 1 },
  { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 2 },
];

/** dom0, guests of each type and a zombie: at rest, and with guests that act. */
export const GENERAL: readonly Scope[] = [
  { id: 'mixed', start: () => ({ host: mixedHost() }), events: [], order: 'fair' },
  {
    id: 'mixed, twice',
    start: () => ({ host: mixedHost() }),
    events: [],
    order: 'fair',
    updates: 2,
  },
  { id: 'mixed, active', start: () => ({ host: mixedHost() }), events: GUESTS, order: 'fair' },
];

/** Scopes in the order in which they are tried: those that are about the rule first. */
export const scopesFor = (
  scenarios: readonly Scenario[],
  rule: RuleId | null,
): readonly Scope[] => {
  const about = (s: Scenario): boolean => rule !== null && (s.drop ?? []).includes(rule);
  return [...scenarios.filter(about), ...GENERAL, ...scenarios.filter((s) => !about(s))];
};
