import { endOf, type FrameRange, subtract, total } from '../../src/host/ranges.ts';
import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { hex } from '../support/names.ts';

const watch = (): Watcher => {
  const a = new Audit();
  /** xen#1's bootmem and image: the one space that xen#2 may use (R28). */
  let reusable: readonly FrameRange[] = [];
  let xen1 = 0;
  const told = new Set<string>();
  return {
    see: ({ type, host, phase }) => {
      if (phase === 'idle' || phase === 'quiescing' || phase === 'saving') {
        reusable = [host.xen.bootmem, host.xen.image];
        xen1 = host.xen.instance;
      }
      // With the stream read, xen#2 knows what is whose, and opens its heap.
      if (phase !== 'jumped') return;
      for (const write of host.hardware.xenWrites) {
        if (write.instance === xen1) continue;
        a.count(write.frames.count);
        const outside = subtract([write.frames], reusable);
        for (const r of outside) {
          const where = `frames ${hex(r.start)} to ${hex(endOf(r) - 1)}`;
          if (told.has(where)) continue;
          told.add(where);
          a.offend(where, `${total([r])} written by xen#2 (${write.use}) by ${type}`);
        }
      }
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'MEM-1',
  title: 'Before the stream is read xen#2 writes to bootmem alone',
  says:
    'Until it has read the stream, xen#2 writes to no page outside the space of bootmem and of ' +
    "xen#1's image.",
  why: 'It cannot know yet which of the other pages are in use (R26).',
  sources: ['MEM-1', 'R26', 'R28', 'R55', 'S24'],
  afterCrash: true,
  watch,
});
