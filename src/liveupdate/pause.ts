/**
 * Stopping and starting domains for an update. A domain is parked when all
 * its vCPUs stand at the boundary: then it holds one pause of kind 'lu', so
 * that no other holder's unpause can start it (I2.1, F2.18).
 */

import { numericEntries } from '../host/codec.ts';
import type { Domain, Pauser } from '../host/domain.ts';
import type { Host } from '../host/host.ts';
import type { Vcpu } from '../host/vcpu.ts';

export const replaceDomain = (host: Host, domain: Domain): Host => ({
  ...host,
  xen: { ...host.xen, domains: { ...host.xen.domains, [domain.domid]: domain } },
});

/** vcpu_runnable (F2.17). */
export const isRunnable = (d: Domain, v: Vcpu): boolean =>
  v.initialised && v.pauseFlags === 0 && v.pauseCount === 0 && d.pauseCount === 0;

export const isParked = (d: Domain): boolean => d.pausers.includes('lu');

/** Adds the update's pause; its vCPUs leave their CPUs (F2.18). */
export const park = (host: Host, d: Domain): Host =>
  replaceDomain(host, {
    ...d,
    pauseCount: d.pauseCount + 1,
    pausers: [...d.pausers, 'lu'],
    vcpus: d.vcpus.map((v) => (v.runningOn === null ? v : { ...v, runningOn: null })),
  });

const withoutFirst = (pausers: readonly Pauser[], which: Pauser): readonly Pauser[] => {
  const i = pausers.indexOf(which);
  return i < 0 ? pausers : [...pausers.slice(0, i), ...pausers.slice(i + 1)];
};

/** Takes the update's pause back; others keep the domain paused (F2.18). */
export const unpark = (host: Host, d: Domain): Host =>
  isParked(d)
    ? replaceDomain(host, {
        ...d,
        pauseCount: d.pauseCount - 1,
        pausers: withoutFirst(d.pausers, 'lu'),
      })
    : host;

/** Does a domain that still runs depend on this one for its devices (R14, F9.7)? */
export const emulatesForUnparked = (host: Host, d: Domain): boolean =>
  numericEntries(host.xen.domains).some(
    ([, other]) =>
      other.dying === 'alive' &&
      !isParked(other) &&
      numericEntries(other.ioreqServers).some(([, s]) => s.emulator === d.domid),
  );

/**
 * Does the domain have to run until the others are parked (R14, R15)? All PV
 * domains do, and any domain that runs the device emulator of another.
 */
export const parksLate = (host: Host, d: Domain): boolean =>
  d.type === 'pv' ||
  numericEntries(host.xen.domains).some(([, other]) =>
    numericEntries(other.ioreqServers).some(([, s]) => s.emulator === d.domid),
  );
