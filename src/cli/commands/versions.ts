/** `xen-lu versions`: which versions can be updated to which. */
import { versionMatrix } from '../../check/versions.ts';
import { versionsText } from '../../report/versions-text.ts';
import { type Command, EXIT, flag, json, usageError } from '../command.ts';
import { progressOn } from '../progress.ts';

export const versions: Command = {
  details: [
    'Runs an update of every pair of versions, both ways, over the same',
    'generated hosts, and judges each by all invariants. A host is carried,',
    'or refused before the point of no return with its reason; one that is',
    'lost makes the exit status 1.',
  ],
  optionHelp: [['--json', 'every host of every pair as JSON']],
  options: { json: { type: 'boolean' } },
  run: async (values, more, io) => {
    if (more.length > 0) return usageError('versions takes no argument');
    const progress = progressOn(io.terminal, io.clock);
    const matrix = await versionMatrix(progress.tell);
    progress.done();
    io.out(flag(values, 'json') ? json(matrix) : versionsText(matrix));
    return matrix.cells.some((c) => c.lost.length > 0) ? EXIT.violated : EXIT.holds;
  },
};
