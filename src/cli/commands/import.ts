/** `xen-lu import`: the host of a capture, or the guest of a save stream, as it was read. */
import * as E from 'fp-ts/lib/Either.js';
import { importCapture } from '../../check/check-capture.ts';
import { guestView } from '../../check/guest-view.ts';
import { isGuestSave, readGuest } from '../../check/import-guest.ts';
import { badInputText } from '../../report/check-text.ts';
import { guestText } from '../../report/guest-text.ts';
import { importText } from '../../report/import-text.ts';
import { jsonText } from '../../vectors/json-text.ts';
import { type Command, EXIT, type Exit, flag, type Io, json, usageError } from '../command.ts';
import { progressOn } from '../progress.ts';

/** 1 when the guest's tables contradict the types that the stream states. */
const importGuest = async (path: string, asJson: boolean, io: Io): Promise<Exit> => {
  const progress = progressOn(io.terminal, io.clock);
  progress.tell(`reading ${path}`);
  const guest = await readGuest(path);
  progress.done();
  if (E.isLeft(guest)) {
    io.err(badInputText(guest.left));
    return EXIT.badInput;
  }
  const view = guestView(path, guest.right);
  io.out(asJson ? jsonText(view).trimEnd() : guestText(view));
  return (view.pv?.contradictionCount ?? 0) > 0 ? EXIT.violated : EXIT.holds;
};

export const importCommand: Command = {
  details: [
    'Of a capture: what was read, what was repaired and what was assumed.',
    '',
    'SAVE is what `xl save` wrote, or the libxl or libxc stream in it, plain',
    'or .xz. Of that: page types, page tables and P2M, the references that',
    'follow from the tables, vCPUs, shared_info with its event channels, the',
    'HVM context and parameters. Ends with 1 when tables contradict types.',
  ],
  optionHelp: [['--json', 'the same as JSON, the guest with every table entry']],
  options: { json: { type: 'boolean' } },
  run: async (values, [capture, ...more], io) => {
    if (capture === undefined || more.length > 0)
      return usageError('import wants one capture or save stream');
    if (await isGuestSave(capture)) return importGuest(capture, flag(values, 'json'), io);
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
