/** `xen-lu import`: the host of a capture as it was read. */
import * as E from 'fp-ts/lib/Either.js';
import { importCapture } from '../../check/check-capture.ts';
import { badInputText } from '../../report/check-text.ts';
import { importText } from '../../report/import-text.ts';
import { type Command, EXIT, flag, json, usageError } from '../command.ts';
import { progressOn } from '../progress.ts';

export const importCommand: Command = {
  name: 'import',
  synopsis: 'xen-lu import CAPTURE [--json]',
  summary: 'the host as read from a capture',
  details: ['Prints what was read, what was repaired and what was assumed.'],
  optionHelp: [['--json', 'the reading and the assumptions as JSON']],
  options: { json: { type: 'boolean' } },
  run: async (values, [capture, ...more], io) => {
    if (capture === undefined || more.length > 0) return usageError('import wants one capture');
    const progress = progressOn(io.terminal, io.clock);
    const imported = await importCapture(capture, progress.tell);
    progress.done();
    if (E.isLeft(imported)) {
      io.err(badInputText(imported.left));
      return EXIT.badInput;
    }
    const { host, assumed, contradictions, reading } = imported.right;
    const value = {
      capture,
      version: host.xen.build.version,
      domains: Object.values(host.xen.domains).map((d) => ({
        domid: d.domid,
        name: d.name,
        type: d.type,
        dying: d.dying,
        shutdown: d.shutdown,
        pauseCount: d.pauseCount,
        pages: d.totPages,
        xenheapPages: d.xenheapPages,
        vcpus: d.vcpus.length,
        eventChannels: d.events.channels,
        grants: d.grants.active,
        grantMappings: d.grants.maptrack,
      })),
      assumed,
      contradictions,
      repairs: reading.repairs,
    };
    io.out(flag(values, 'json') ? json(value) : importText(capture, imported.right));
    return EXIT.holds;
  },
};
