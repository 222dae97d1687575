/** A host in a test: events go in, and after each the host must be consistent. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { versionOf, type XenVersion } from '../../src/design/versions.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import type { Vcpu } from '../../src/host/vcpu.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { inconsistencies } from './consistency.ts';

export interface World {
  readonly host: () => Host;
  /** The event must happen. */
  readonly does: (event: HostEvent) => void;
  /** The event must be refused, with this errno or as 'not enabled'; the host stays. */
  readonly refuses: (event: HostEvent, errno: string) => void;
  readonly d: (id: number) => Domain;
  readonly v: (id: number, vcpu: number) => Vcpu;
}

export const xen = (id: string): XenVersion => {
  const version = versionOf(id);
  if (version === null) throw new Error(`no Xen ${id}`);
  return version;
};

export const world = (start: Host, version: XenVersion = xen('4.17')): World => {
  const ctx = { version, design: defaultDesign };
  let host = start;
  expect(inconsistencies(host, version.countRules)).toEqual([]);
  const d = (id: number): Domain => {
    const found = host.xen.domains[id];
    if (found === undefined) throw new Error(`no d${id}`);
    return found;
  };
  return {
    host: () => host,
    d,
    v: (id, vcpu) => d(id).vcpus[vcpu] as Vcpu,
    does: (event) => {
      const result = apply(host, event, ctx);
      if (isLeft(result)) throw new Error(`${event.type}: ${JSON.stringify(result.left)}`);
      host = result.right;
      expect({ event, faults: inconsistencies(host, version.countRules) }).toEqual({
        event,
        faults: [],
      });
    },
    refuses: (event, errno) => {
      const result = apply(host, event, ctx);
      if (!isLeft(result)) throw new Error(`${event.type} happened, expected ${errno}`);
      expect(result.left === 'not enabled' ? result.left : result.left.errno).toBe(errno);
    },
  };
};
