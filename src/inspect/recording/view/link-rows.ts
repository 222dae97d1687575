/** What ties domains to each other: event channels, grants, emulated requests. */
import { portBits } from '../../../../properties/support/event-bits.ts';
import { grantName, handleName, portName } from '../../../../properties/support/names.ts';
import { numericEntries } from '../../../host/codec.ts';
import { GNTMAP } from '../../../host/constants.ts';
import type { Domain } from '../../../host/domain.ts';
import type { ChannelState } from '../../../host/event-channel.ts';
import type { PinCounts } from '../../../host/grant-table.ts';
import { contentOf, type Hardware } from '../../../host/hardware.ts';
import type { Host } from '../../../host/host.ts';
import type { Row } from '../recording.ts';
import { hex, ioreqState } from './words.ts';

export type Rows = Record<string, Row>;

const bindingOf = (b: ChannelState): Row => {
  switch (b.state) {
    case 'unbound':
      return { state: 'unbound', for: `d${b.remoteDomid}` };
    case 'interdomain':
      return { state: 'interdomain', peer: portName(b.remoteDomid, b.remotePort) };
    case 'pirq':
      return { state: `pirq ${b.pirq}` };
    case 'virq':
      return { state: `virq ${b.virq}` };
    case 'ipi':
      return { state: 'ipi' };
  }
};

/** Every open port, with the bits that the guest sees in its memory. */
export const portRows = (host: Host, d: Domain): Rows => {
  const bits = portBits(host, d);
  return Object.fromEntries(
    numericEntries(d.events.channels).map(([port, c]): [string, Row] => {
      const { pending, masked } = bits(port);
      return [
        portName(d.domid, port),
        {
          ...bindingOf(c.binding),
          vcpu: c.notifyVcpu,
          pending,
          masked,
          ...(c.xenConsumer === null ? {} : { 'attached to Xen': c.xenConsumer }),
        },
      ];
    }),
  );
};

const pinText = (p: PinCounts): string =>
  Object.entries(p)
    .filter(([, n]) => n > 0)
    .map(([kind, n]) => `${kind} ${n}`)
    .join(', ') || 'none';

/** Grants that are mapped or in use by somebody. */
export const grantRows = (d: Domain): Rows =>
  Object.fromEntries(
    numericEntries(d.grants.active).map(([ref, g]): [string, Row] => [
      grantName(d.domid, ref),
      { to: `d${g.domid}`, frame: hex(g.frame), pins: pinText(g.pins) },
    ]),
  );

/** Mappings that the domain holds of others' grants. */
export const handleRows = (d: Domain): Rows =>
  Object.fromEntries(
    numericEntries(d.grants.maptrack).map(([handle, m]): [string, Row] => [
      handleName(d.domid, handle),
      {
        of: grantName(m.granter, m.ref),
        maps: [
          ...((m.flags & GNTMAP.host_map) === 0 ? [] : ['host']),
          ...((m.flags & GNTMAP.device_map) === 0 ? [] : ['device']),
          (m.flags & GNTMAP.readonly) === 0 ? 'writable' : 'read-only',
        ].join(', '),
      },
    ]),
  );

/** Slots of IOREQ servers that are in use, or believed to be. */
export const requestRows = (hw: Hardware, d: Domain): Rows => {
  const rows: Rows = {};
  for (const [id, server] of numericEntries(d.ioreqServers)) {
    const page = server.ioreqPage === null ? null : contentOf(hw, server.ioreqPage, 'ioreq');
    for (const [vcpu, of] of numericEntries(server.vcpus))
      rows[`d${d.domid}v${vcpu} server ${id}`] = {
        emulator: `d${server.emulator}`,
        slot: ioreqState(page?.slots[vcpu]?.state ?? 0),
        'Xen waits for it': of.pending,
      };
  }
  return rows;
};
