/** What can be recorded: a trace, the machine that it is of, and what is told of it. */
import type { Mutant, UpdateMachine } from '../../../properties/mutant.ts';
import type { XenVersion } from '../../design/versions.ts';
import { numericEntries } from '../../host/codec.ts';
import type { Host } from '../../host/host.ts';
import { counted } from '../../report/text.ts';
import { runUpdate } from '../../trace/run-update.ts';
import type { Trace } from '../../trace/trace-file.ts';
import type { WorldEvent } from '../../world/world.ts';
import type { About } from '../recording/record-trace.ts';
import type { Fault } from '../recording/recording.ts';

export interface Subject {
  readonly trace: Trace;
  readonly machine: UpdateMachine;
  readonly about: About;
}

export interface SubjectOptions {
  /** Versions for a capture, by id. */
  readonly from?: XenVersion;
  readonly to?: XenVersion;
  readonly onProgress?: (what: string) => void;
}

export const hostText = (host: Host): string => {
  const domains = numericEntries(host.xen.domains).map(([id, d]) => {
    const life = d.dying === 'alive' ? '' : `, ${d.dying}`;
    return `d${id} (${d.type.toUpperCase()}, ${counted(d.vcpus.length, 'vCPU')}${life})`;
  });
  return `The host runs Xen ${host.xen.build.version} with ${domains.join(', ')}.`;
};

/** The update of a host as the fair scheduler has it, from the image load to its end. */
export const fairEvents = (start: Omit<Trace, 'events'>): WorldEvent[] => {
  const events: WorldEvent[] = [];
  runUpdate(start, ({ event }) => events.push(event));
  return events;
};

export const bugOf = (m: Mutant): Fault => ({ id: m.id, kind: 'bug', text: m.says, sources: [] });
