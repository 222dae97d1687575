/** Reads what xl, lsevtchn and xen-diag print as text. */
import type {
  GrantSizeReading,
  LsevtchnPort,
  LsevtchnReading,
  Place,
  PortBinding,
  XlInfoReading,
} from './reading.ts';

/** A row of `xl list` or `xl list -v`. */
export interface ListedDomain {
  readonly domid: number;
  /** Undefined for a zombie, whose name xenstore has no more. */
  readonly name: string | undefined;
  readonly vcpus: number;
  readonly state: string;
  readonly uuid: string | undefined;
  readonly shutdownReason: number | undefined;
  readonly label: string | undefined;
  readonly place: Place;
}

/** A table and the rows of it that are no domains. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly unreadable: readonly Place[];
}

const ROW =
  /^(\S.*?)\s+(\d{1,5})\s+(\d{1,9})\s+(\d{1,4})\s+([r-][b-][p-][s-][c-][d-])\s+[\d.]+(?:\s+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+(-|\d{1,3})\s+(\S+))?\s*$/;
/** Domain ids from here on are reserved: no domain has one. */
const FIRST_RESERVED_DOMID = 0x7ff0;

const eachLine = (text: string): readonly string[] => text.replace(/\r/g, '').split('\n');

/** What xl prints for a name that xenstore does not have. */
const NO_NAME = '(null)';

/**
 * `xl list`, with or without -v. Only a dying domain has no name; the other
 * rows without one are garbage, which xl prints while domains go.
 */
export const readXlList = (text: string, file: string): Listed<ListedDomain> => {
  const rows: ListedDomain[] = [];
  const unreadable: Place[] = [];
  eachLine(text).forEach((line, index) => {
    const place = { file, line: index + 1 };
    if (line.trim() === '' || line.startsWith('Name ')) return;
    const [, name, domid, , vcpus, state, uuid, reason, label] = ROW.exec(line) ?? [];
    const usable = state !== undefined && (name !== NO_NAME || /^-.{4}d$/.test(state));
    if (!usable || Number(domid) >= FIRST_RESERVED_DOMID) {
      unreadable.push(place);
      return;
    }
    rows.push({
      domid: Number(domid),
      name: name === NO_NAME ? undefined : name,
      vcpus: Number(vcpus),
      state,
      uuid,
      shutdownReason: reason === undefined || reason === '-' ? undefined : Number(reason),
      label: label === undefined || label === '-' ? undefined : label,
      place,
    });
  });
  return { rows, unreadable };
};

const PORT = /^ *(\d{1,6}): VCPU (\d{1,5}): (.*?)\s*$/;
const BINDINGS: readonly (readonly [RegExp, (found: RegExpExecArray) => PortBinding])[] = [
  [
    /^Interdomain \(Connected\) - Remote Domain (\d{1,5}), Port (\d{1,6})/,
    ([, remote, port]) => ({
      kind: 'interdomain',
      remote: Number(remote),
      remotePort: Number(port),
    }),
  ],
  [
    /^Interdomain \(Waiting connection\) - Remote Domain (\d{1,5})/,
    ([, remote]) => ({ kind: 'unbound', remote: Number(remote) }),
  ],
  // lsevtchn does not know the host's interrupt.
  [/^Physical IRQ (\d{1,6})/, ([, pirq]) => ({ kind: 'pirq', pirq: Number(pirq), irq: 0 })],
  [/^Virtual IRQ (\d{1,3})/, ([, virq]) => ({ kind: 'virq', virq: Number(virq) })],
  [/^IPI/, () => ({ kind: 'ipi' })],
];

/** `lsevtchn DOMID`; Xen's own ports are not shown to it. */
export const readLsevtchn = (
  text: string,
  file: string,
  domid: number,
): { readonly reading: LsevtchnReading; readonly unreadable: readonly Place[] } => {
  const ports: LsevtchnPort[] = [];
  const unreadable: Place[] = [];
  eachLine(text).forEach((line, index) => {
    const place = { file, line: index + 1 };
    const [, port, vcpu, tail = ''] = PORT.exec(line) ?? [];
    if (port === undefined) {
      if (line.trim() !== '') unreadable.push(place);
      return;
    }
    for (const [pattern, make] of BINDINGS) {
      const found = pattern.exec(tail);
      if (found === null) continue;
      ports.push({ ...place, port: Number(port), vcpu: Number(vcpu), binding: make(found) });
      return;
    }
    unreadable.push(place);
  });
  return { reading: { domid, file, ports }, unreadable };
};

/** `xen-diag gnttab_query_size`, one line a domain. */
export const readGrantSizes = (text: string, file: string): Listed<GrantSizeReading> => {
  const rows: GrantSizeReading[] = [];
  const unreadable: Place[] = [];
  eachLine(text).forEach((line, index) => {
    const place = { file, line: index + 1 };
    const found = /^domid=(\d{1,5}): nr_frames=(\d{1,9}), max_nr_frames=(\d{1,9})$/.exec(line);
    if (found !== null) {
      const [domid, frames, maxFrames] = found.slice(1).map(Number);
      rows.push({
        ...place,
        domid: domid ?? 0,
        frames: frames ?? 0,
        maxFrames: maxFrames ?? 0,
      });
    } else if (line.trim() !== '') unreadable.push(place);
  });
  return { rows, unreadable };
};

/** `xl info`; also gives the version with its place. */
export const readXlInfo = (
  text: string,
  file: string,
): {
  readonly reading: XlInfoReading;
  readonly version: (Place & { readonly text: string }) | undefined;
} => {
  const fields = new Map<string, { readonly value: string; readonly line: number }>();
  eachLine(text).forEach((line, index) => {
    const found = /^(\w+) *: ?(.*?)\s*$/.exec(line);
    if (found?.[1] !== undefined) fields.set(found[1], { value: found[2] ?? '', line: index + 1 });
  });
  const textOf = (name: string): string | undefined => fields.get(name)?.value;
  const numberOf = (name: string): number | undefined => {
    const value = textOf(name) ?? '';
    return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  };
  const version = fields.get('xen_version');
  return {
    reading: {
      file,
      nrCpus: numberOf('nr_cpus'),
      nrNodes: numberOf('nr_nodes'),
      totalMemoryMiB: numberOf('total_memory'),
      freeMemoryMiB: numberOf('free_memory'),
      virtCaps: (textOf('virt_caps') ?? '').split(' ').filter((cap) => cap !== ''),
      scheduler: textOf('xen_scheduler'),
      commandLine: textOf('xen_commandline'),
    },
    version: version === undefined ? undefined : { file, line: version.line, text: version.value },
  };
};
