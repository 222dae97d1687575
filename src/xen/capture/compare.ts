/** Compares the dumps with the files beside them. */
import type { FoundCompanions } from './companions.ts';
import type {
  ConsoleReading,
  Contradiction,
  DomainReading,
  EventChannelsReading,
  LsevtchnReading,
  Place,
  PortBinding,
} from './reading.ts';
import type { ConfiguredDomain } from './xl-list-json.ts';
import type { ListedDomain } from './xl-text.ts';

const contradiction = (what: string, ...sources: readonly Place[]): Contradiction => ({
  what,
  sources: sources.map(({ file, line }) => ({ file, line })),
});

/** Everything in which the companions differ from the dumps. */
export const compareCompanions = (
  reading: ConsoleReading,
  found: FoundCompanions,
): readonly Contradiction[] => [
  ...compareDomains(reading.domains, found),
  ...found.companions.lsevtchn.flatMap((file) => {
    const channels = reading.eventChannels.find(({ domid }) => domid === file.domid);
    return channels === undefined ? [] : comparePorts(channels, file);
  }),
  ...found.companions.grantSizes.flatMap((size) => {
    const table = reading.grantTables.find(({ granter }) => granter === size.domid);
    if (table === undefined || table.frames === size.frames) return [];
    const what =
      `the grant table of domain ${size.domid} has ${table.frames} frames by key g, ` +
      `${size.frames} by xen-diag`;
    return [contradiction(what, table, size)];
  }),
  ...compareVersions(reading, found),
];

const compareDomains = (
  domains: readonly DomainReading[],
  { listed, configured }: FoundCompanions,
): readonly Contradiction[] => {
  const named = [...configured, ...listed];
  const absent = [...new Set(named.map(({ domid }) => domid))]
    .filter((domid) => !domains.some((domain) => domain.domid === domid))
    .map((domid) => {
      const places = named.filter((entry) => entry.domid === domid).map(({ place }) => place);
      return contradiction(`domain ${domid} is listed by xl, but not in the q dump`, ...places);
    });
  return [
    ...absent,
    ...domains.flatMap((domain) => [
      ...configured
        .filter(({ domid }) => domid === domain.domid)
        .flatMap((config) => compareConfig(domain, config)),
      ...listed
        .filter(({ domid }) => domid === domain.domid)
        .flatMap((row) => compareRow(domain, row)),
    ]),
  ];
};

/** HVM and PVH guests are translated, PV guests are not. */
const isTranslated = ({ paging }: DomainReading): boolean => (paging ?? []).includes('translate');

const compareConfig = (
  domain: DomainReading,
  config: ConfiguredDomain,
): readonly Contradiction[] => {
  const differences: Contradiction[] = [];
  const { type, uuid, place } = config;
  if (type !== undefined && (type === 'pv') === isTranslated(domain)) {
    const paging = isTranslated(domain) ? 'translated' : 'not translated';
    const what = `domain ${domain.domid} is ${paging} by key q, of type ${type} by xl`;
    differences.push(contradiction(what, domain, place));
  }
  return [...differences, ...compareUuid(domain, uuid, place)];
};

const compareUuid = (
  domain: DomainReading,
  uuid: string | undefined,
  place: Place,
): readonly Contradiction[] =>
  uuid === undefined || uuid === domain.handle
    ? []
    : [
        contradiction(
          `domain ${domain.domid} is ${domain.handle} by key q, ${uuid} by xl`,
          domain,
          place,
        ),
      ];

const compareRow = (domain: DomainReading, row: ListedDomain): readonly Contradiction[] => {
  const { domid } = domain;
  const differences: Contradiction[] = [];
  const differ = (dump: string, xl: string): void => {
    differences.push(
      contradiction(`domain ${domid} ${dump} by key q, ${xl} by xl`, domain, row.place),
    );
  };
  const paused = row.state.includes('p');
  if (paused && domain.pauseCount === 0) differ('has pause_count=0', 'is paused');
  // xl shows one state only for a domain that is shut down.
  if (!paused && domain.pauseCount > 0 && !/[sd]/.test(row.state)) {
    differ(`has pause_count=${domain.pauseCount}`, 'is not paused');
  }
  const dying = row.state.includes('d');
  if (dying !== domain.dying > 0)
    differ(`has dying=${domain.dying}`, dying ? 'is dying' : 'is not dying');
  if (row.vcpus !== domain.vcpus.length) {
    differ(`has ${domain.vcpus.length} vCPUs`, `${row.vcpus}`);
  }
  return [...differences, ...compareUuid(domain, row.uuid, row.place)];
};

const inWords = (binding: PortBinding): string => {
  switch (binding.kind) {
    case 'interdomain':
      return `interdomain with port ${binding.remotePort} of domain ${binding.remote}`;
    case 'unbound':
      return `unbound for domain ${binding.remote}`;
    case 'pirq':
      return `pirq ${binding.pirq}`;
    case 'virq':
      return `virq ${binding.virq}`;
    default:
      return binding.kind;
  }
};

const comparePorts = (
  channels: EventChannelsReading,
  { ports, file }: LsevtchnReading,
): readonly Contradiction[] => {
  const { domid } = channels;
  const shown = new Map(ports.map((port) => [port.port, port]));
  const differences: Contradiction[] = [];
  for (const port of channels.ports) {
    // Ports of Xen's own and reserved ones are hidden from lsevtchn.
    if (port.xenConsumer !== 0 || port.binding.kind === 'reserved') continue;
    const other = shown.get(port.port);
    const name = `port ${port.port} of domain ${domid}`;
    if (other === undefined) {
      const what = `${name} is ${inWords(port.binding)} by key e, free by lsevtchn`;
      differences.push(contradiction(what, port, { file, line: 1 }));
    } else if (inWords(other.binding) !== inWords(port.binding)) {
      const what = `${name} is ${inWords(port.binding)} by key e, ${inWords(other.binding)} by lsevtchn`;
      differences.push(contradiction(what, port, other));
    } else if (other.vcpu !== port.notifyVcpu) {
      const what = `${name} notifies vCPU ${port.notifyVcpu} by key e, ${other.vcpu} by lsevtchn`;
      differences.push(contradiction(what, port, other));
    }
  }
  const dumped = new Set(channels.ports.map(({ port }) => port));
  for (const port of ports) {
    if (dumped.has(port.port)) continue;
    const what = `port ${port.port} of domain ${domid} is free by key e, ${inWords(port.binding)} by lsevtchn`;
    differences.push(contradiction(what, channels, port));
  }
  return differences;
};

const compareVersions = (
  { version }: ConsoleReading,
  { version: other }: FoundCompanions,
): readonly Contradiction[] =>
  version === undefined || other === undefined || version.text === other.text
    ? []
    : [
        contradiction(
          `Xen is ${version.text} by the console, ${other.text} by xl info`,
          version,
          other,
        ),
      ];
