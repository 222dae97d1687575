import { FLAG } from '../../src/host/frame-table.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, frameName } from '../support/names.ts';

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  const { flags, owner } = saved.xen.frames;
  for (let f = 0; f < flags.length; f++) {
    if (((flags[f] as number) & FLAG.pinned) === 0) continue;
    a.count();
    if (((after.xen.frames.flags[f] ?? 0) & FLAG.pinned) === 0)
      a.offend(
        frameName(f),
        `a page table that ${domainName(owner[f] ?? 0)} has pinned, not any more`,
      );
  }
  return a.verdict();
};

export default invariant({
  id: 'PIN-1',
  title: 'Page tables that a guest has pinned stay pinned',
  says: 'Every page with the pin at the save has it after the update.',
  why:
    'An unpin of a table that is not pinned is an error, and a table that only its pin held may ' +
    'be written by the guest as soon as the pin is gone (F8.5).',
  sources: ['F8.5', 'I8.2', 'R20'],
  update: compare,
});
