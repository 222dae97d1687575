/** Finding a free port and putting a channel there (F6.9, F6.15). */
import {
  EVTCHN_2L_NR_CHANNELS_32,
  EVTCHN_2L_NR_CHANNELS_64,
  EVTCHN_FIFO_NR_CHANNELS,
  EVTCHN_FIFO_PRIORITY_DEFAULT,
} from '../../host/constants.ts';
import type { ChannelState, XenConsumer } from '../../host/event-channel.ts';
import { type Port, port as toPort } from '../../host/ids.ts';
import { type Refused, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { isLinked } from './fifo.ts';

/** Ports come in buckets of one page of struct evtchn; Xen-internal. */
const PORTS_PER_BUCKET = 128;

/** max_evtchns: what the ABI in use can name. */
const portsOfAbi = (d: MutableDomain): number => {
  if (d.events.abi === 'fifo') return EVTCHN_FIFO_NR_CHANNELS;
  return d.config.width === 64 ? EVTCHN_2L_NR_CHANNELS_64 : EVTCHN_2L_NR_CHANNELS_32;
};

/** Does the port number exist (port_is_valid)? Port 0 is never usable. */
export const isValidPort = (d: MutableDomain, port: number): boolean =>
  port > 0 && port < d.events.validPorts;

/**
 * get_free_port, then the channel: the lowest free port that no queue still
 * links. Dying: -EINVAL (F2.12); no number left: -ENOSPC.
 */
export const openPort = (
  tx: Transaction,
  d: MutableDomain,
  binding: ChannelState,
  options: { readonly vcpu?: number; readonly xenConsumer?: XenConsumer } = {},
): Port | Refused => {
  const { events } = d;
  if (d.dying !== 'alive') return refuse('EINVAL', `d${d.domid} is dying`);
  let port = 1;
  while (events.channels[port] !== undefined || (events.abi === 'fifo' && isLinked(tx, d, port)))
    port++;
  if (port > events.maxPort || port >= portsOfAbi(d))
    return refuse('ENOSPC', `d${d.domid} has no free port`);
  while (events.validPorts <= port) events.validPorts += PORTS_PER_BUCKET;
  const xenConsumer = options.xenConsumer ?? null;
  events.channels[port] = {
    binding,
    xenConsumer,
    notifyVcpu: options.vcpu ?? 0,
    priority: EVTCHN_FIFO_PRIORITY_DEFAULT,
    pendingBeyondArray: false,
    lastQueue: { vcpu: 0, priority: 0 },
  };
  events.activeChannels++;
  if (xenConsumer !== null) events.xenChannels++;
  return toPort(port);
};
