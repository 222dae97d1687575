/** IOREQ servers of a domain with emulated devices (F9.3). */
import * as t from 'io-ts';
import { byNumber, Natural, nullable } from './codec.ts';
import { Domid, Mfn, Port } from './ids.ts';

/** Per vCPU: the Xen-attached port that wakes the emulator, and a request under way. */
export const IoreqVcpu = t.readonly(t.type({ port: Port, pending: t.boolean }), 'IoreqVcpu');
export type IoreqVcpu = t.TypeOf<typeof IoreqVcpu>;

export const IoreqServer = t.readonly(
  t.type({
    /** The domain that runs the device model. */
    emulator: Domid,
    ioreqPage: nullable(Mfn),
    bufioreqPage: nullable(Mfn),
    bufioreqPort: nullable(Port),
    vcpus: byNumber(IoreqVcpu),
    enabled: t.boolean,
    /** Ranges it claims: type (0 port, 1 memory, 2 PCI), first and last. */
    ranges: t.readonlyArray(t.readonly(t.type({ type: Natural, first: Natural, last: Natural }))),
  }),
  'IoreqServer',
);
export type IoreqServer = t.TypeOf<typeof IoreqServer>;
