import { type Difference, diffHosts, EXACT } from '../../src/host/diff.ts';
import { FLAG } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant, type Refusal, type Verdict, type Watcher } from '../invariant.ts';
import { Audit, MAX_OFFENDERS } from '../support/audit.ts';
import { placeOf, valueText } from '../support/differences.ts';

/** A free page that held part of the stream is dirty now, and must be scrubbed (F8.14). */
const isDirt = ({ path, before, after }: Difference): boolean =>
  /^xen\.frames\.0x[0-9a-f]+\.flags$/.test(path) &&
  before === FLAG.free &&
  after === (FLAG.free | FLAG.needScrub);

const compare = ({ calm, after }: Refusal): Verdict => {
  const a = new Audit();
  a.count();
  for (const d of diffHosts(calm, after, { ...EXACT, limit: MAX_OFFENDERS * 20 }))
    if (!isDirt(d)) a.offend(placeOf(d), `${valueText(d.before)} -> ${valueText(d.after)}`);
  return a.verdict();
};

const slotText = (slot: unknown): string => valueText(slot ?? 'empty');

/** kexec_unload gives back the slot that was loaded and no other, and nobody else does (F1.11). */
const watch = (): Watcher => {
  const a = new Audit();
  let last: Host | null = null;
  return {
    see: ({ type, host, phase }) => {
      const [was, is] = [last?.xen.system.kexec, host.xen.system.kexec];
      last = host;
      // Loading may take the place of the crash kernel (Q15), and xen#2 has slots of its own.
      if (was === undefined || type === 'kexec.load' || (phase !== 'idle' && phase !== 'quiescing'))
        return;
      a.count();
      if (type === 'kexec.unload' && is.default !== null)
        a.offend('host kexec slot', `unloaded, but still ${slotText(is.default)}`);
      if (JSON.stringify(is.crash) !== JSON.stringify(was.crash))
        a.offend('host crash slot', `${slotText(was.crash)} -> ${slotText(is.crash)}`);
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'PNR-1',
  title: 'An update that is given up leaves no trace',
  says:
    'A refused, cancelled, failed or timed-out update leaves the host to the bit as it would be ' +
    'had nobody asked: with the image loaded, with the deferred work done that quiescing let ' +
    'happen, and with free pages dirty that held the stream. Unloading the image empties its slot.',
  why: 'Until the jump xen#1 can go on; what an abort forgets is lost or leaked for good.',
  sources: ['PNR-1', 'F1.10', 'F1.11', 'F8.14'],
  refused: compare,
  watch,
});
