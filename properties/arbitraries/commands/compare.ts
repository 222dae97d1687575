/** Where the model and the host that it was told of tell different things. */
import type { Model } from './model.ts';
import { domainAt, domainsOf, numbers } from './rule.ts';

/** Differences that are worth reading. */
const MAX = 6;

const walk = (path: string, a: unknown, b: unknown, out: string[]): void => {
  if (Object.is(a, b)) return;
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const [x, y] = [a, b].map((o) => (o as Record<string, unknown>)[key]);
      walk(path === '' ? key : `${path}.${key}`, x, y, out);
    }
    return;
  }
  const text = (v: unknown): string => JSON.stringify(v) ?? 'nothing';
  if (out.length < MAX) out.push(`${path}: ${text(a)} in the model, ${text(b)} in the host`);
};

/** First differences; empty: the two agree. */
export const disagreements = (model: Model, host: Model): readonly string[] => {
  const out: string[] = [];
  walk('', model, host, out);
  return out;
};

/**
 * Domains that are gone: only dead ones can be, and only when no map of their
 * pages is left (F2.14, F2.15). One that went otherwise stays in the model.
 */
const bury = (m: Model, after: Model): void => {
  for (const id of numbers(m.domains)) {
    if (after.domains[id] !== undefined || domainAt(m, id).life !== 'dead') continue;
    const held = domainsOf(m).some((d) => Object.values(d.handles).some((h) => h.granter === id));
    if (held) continue;
    delete m.domains[id];
    m.destroying.push(id);
  }
};

/** After each event: who is gone, and what the model takes over from the host. */
export const catchUp = (m: Model, after: Model): void => {
  bury(m, after);
  m.free = after.free;
  for (const id of numbers(m.domains))
    domainAt(m, id).vcpus.forEach((v, n) => {
      const now = after.domains[id]?.vcpus[n];
      if (now !== undefined) Object.assign(v, { ready: now.ready, defers: now.defers });
    });
};
