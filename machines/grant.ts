/**
 * One grant reference of one domain (F7): what the granter wrote into its
 * entry, whether anybody uses it, by what kind of map, and in which version
 * of the table it is. The four move by themselves: an offer may be withdrawn
 * while it is mapped, and a table of version 2 has its status elsewhere.
 */
import { setup } from 'xstate';
import { numericEntries } from '../src/host/codec.ts';
import { GRANT_V1_PER_PAGE, GRANT_V2_PER_PAGE, GTF } from '../src/host/constants.ts';
import { type PinCounts, pinTotal } from '../src/host/grant-table.ts';
import { contentOf } from '../src/host/hardware.ts';
import type { Host } from '../src/host/host.ts';
import {
  hasRef,
  type SharedEntry,
  sharedEntry,
  statusBits,
  TRANSFER,
} from '../src/hypercalls/grant/shared.ts';
import { readerOf } from '../src/hypercalls/transaction.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import { stepOf } from '../src/world/becomes.ts';
import { type ChartContext, chart, guardsOf } from '../src/world/chart.ts';
import { domainAt, isGoing } from '../src/world/look.ts';
import type { World, WorldEvent } from '../src/world/world.ts';

type Grant = { readonly domid: number; readonly ref: number };

/** Does its table have the reference, and what is in the entry; null: GTF_invalid. */
const entryOf = (world: World, { domid, ref }: Grant): SharedEntry | null => {
  const d = domainAt(world, { domid });
  const entry = d === undefined ? null : sharedEntry(readerOf(hostOf(world)), d, ref);
  return entry === null || (entry.flags & GTF.type_mask) === 0 ? null : entry;
};
const exists = (world: World, { domid, ref }: Grant): boolean => {
  const d = domainAt(world, { domid });
  return d !== undefined && hasRef(readerOf(hostOf(world)), d, ref);
};
const isOf = (world: World, of: Grant, type: number): SharedEntry | null => {
  const entry = entryOf(world, of);
  return entry !== null && (entry.flags & GTF.type_mask) === type ? entry : null;
};

const pinsOf = (world: World, { domid, ref }: Grant): PinCounts | undefined =>
  domainAt(world, { domid })?.grants.active[ref]?.pins;
const isPinned = (world: World, of: Grant): boolean => {
  const pins = pinsOf(world, of);
  return pins !== undefined && pinTotal(pins) > 0;
};
/**
 * Do the bits that the granter sees say so (I7.3)? A table that is gone shows
 * none, and as long as xen#2 restores, the pins come one by one behind them.
 */
const shows = (world: World, { domid, ref }: Grant, bits: number): boolean => {
  const d = domainAt(world, { domid });
  if (d === undefined || world.restoring !== null) return true;
  const reader = readerOf(hostOf(world));
  return !hasRef(reader, d, ref) || statusBits(reader, d, ref) === bits;
};
const writers = (pins: PinCounts): number => pins.hstw + pins.devw;
const parts = (world: World, of: Grant): 'none' | 'host' | 'device' | 'both' => {
  const pins = pinsOf(world, of);
  if (pins === undefined || pinTotal(pins) === 0) return 'none';
  const host = pins.hstw + pins.hstr > 0;
  return host && pins.devw + pins.devr > 0 ? 'both' : host ? 'host' : 'device';
};

const says = {
  absent: (world: World, { domid }: Grant) => domainAt(world, { domid }) === undefined,
  beyond: (world: World, of: Grant) => domainAt(world, of) !== undefined && !exists(world, of),
  invalid: (world: World, of: Grant) =>
    exists(world, of) && entryOf(world, of) === null && !isPinned(world, of),
  revoked: (world: World, of: Grant) =>
    exists(world, of) && entryOf(world, of) === null && isPinned(world, of),
  page: (world: World, of: Grant) =>
    (isOf(world, of, GTF.permit_access)?.flags ?? GTF.sub_page) % (2 * GTF.sub_page) < GTF.sub_page,
  subPage: (world: World, of: Grant) =>
    ((isOf(world, of, GTF.permit_access)?.flags ?? 0) & GTF.sub_page) !== 0,
  transitive: (world: World, of: Grant) => isOf(world, of, GTF.transitive) !== null,
  accepting: (world: World, of: Grant) =>
    ((isOf(world, of, GTF.accept_transfer)?.flags ?? TRANSFER.completed) & TRANSFER.completed) ===
    0,
  transferred: (world: World, of: Grant) =>
    ((isOf(world, of, GTF.accept_transfer)?.flags ?? 0) & TRANSFER.completed) !== 0,
  idle: (world: World, of: Grant) => pinsOf(world, of) === undefined,
  expected: (world: World, of: Grant) => {
    const pins = pinsOf(world, of);
    return pins !== undefined && pinTotal(pins) === 0;
  },
  reading: (world: World, of: Grant) => {
    const pins = pinsOf(world, of);
    return (
      pins !== undefined &&
      pinTotal(pins) > 0 &&
      writers(pins) === 0 &&
      shows(world, of, GTF.reading)
    );
  },
  writing: (world: World, of: Grant) => {
    const pins = pinsOf(world, of);
    return pins !== undefined && writers(pins) > 0 && shows(world, of, GTF.reading | GTF.writing);
  },
  unmapped: (world: World, of: Grant) => parts(world, of) === 'none',
  byHost: (world: World, of: Grant) => parts(world, of) === 'host',
  byDevice: (world: World, of: Grant) => parts(world, of) === 'device',
  byBoth: (world: World, of: Grant) => parts(world, of) === 'both',
  noTable: (world: World, { domid }: Grant) => domainAt(world, { domid }) === undefined,
  v1: (world: World, { domid }: Grant) => domainAt(world, { domid })?.grants.version === 1,
  v2: (world: World, { domid }: Grant) => domainAt(world, { domid })?.grants.version === 2,
};
const questions = { goes: isGoing };

const grant = setup({
  types: {
    context: {} as ChartContext<Grant>,
    events: {} as WorldEvent,
    input: {} as ChartContext<Grant>,
  },
  guards: guardsOf<Grant, typeof says, typeof questions>(says, questions),
  actions: { step: stepOf<Grant>() },
}).createMachine({
  id: 'grant',
  description: 'One grant reference: its entry, its use, its maps, the version of its table.',
  context: ({ input }) => input,
  type: 'parallel',
  states: {
    entry: {
      description: 'What the granter wrote into the shared entry.',
      meta: { facts: ['F7.1', 'F7.2'] },
      on: {
        'lu.jump': {
          guard: 'becomesAbsent',
          target: '.absent',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.absent',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
        '*': {
          guard: 'goes',
          target: '.absent',
          actions: 'step',
          description: 'The last reference to the domain is dropped, by whatever event (F2.15).',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'What does the entry say?',
          meta: { facts: ['F7.1', 'F7.2'] },
          always: [
            { guard: 'isAbsent', target: 'absent' },
            { guard: 'isBeyond', target: 'beyond' },
            { guard: 'isInvalid', target: 'invalid' },
            { guard: 'isPage', target: 'page' },
            { guard: 'isSubPage', target: 'subPage' },
            { guard: 'isTransitive', target: 'transitive' },
            { guard: 'isRevoked', target: 'revoked' },
            { guard: 'isAccepting', target: 'accepting' },
            { target: 'transferred' },
          ],
        },
        absent: {
          description: 'There is no such domain, or xen#2 has not made it yet.',
          meta: { facts: ['F7.1', 'R37'], says: 'absent' },
          on: {
            'domctl.createdomain': { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            'restore.0a': {
              guard: 'becomesBeyond',
              target: 'beyond',
              actions: 'step',
              description: 'A domain without a table.',
            },
          },
        },
        beyond: {
          description: 'The table has no frame for the reference.',
          meta: { facts: ['F7.1'], says: 'beyond' },
          on: {
            'grant.setup_table': {
              guard: 'becomesInvalid',
              target: 'invalid',
              actions: 'step',
              description: 'The table grows.',
            },
            'restore.1': [
              {
                guard: 'becomesInvalid',
                target: 'invalid',
                actions: 'step',
                description: 'The grant frames are there, as the guest left them (R38).',
              },
              { guard: 'becomesPage', target: 'page', actions: 'step' },
              { guard: 'becomesSubPage', target: 'subPage', actions: 'step' },
              { guard: 'becomesTransitive', target: 'transitive', actions: 'step' },
              { guard: 'becomesAccepting', target: 'accepting', actions: 'step' },
              { guard: 'becomesTransferred', target: 'transferred', actions: 'step' },
            ],
          },
        },
        invalid: {
          description: 'GTF_invalid: nothing is offered.',
          meta: { facts: ['F7.2'], says: 'invalid' },
          on: {
            'domain.kill': {
              guard: 'becomesBeyond',
              target: 'beyond',
              actions: 'step',
              description: 'The pages that Xen shares with a dying domain go.',
            },
            'grant.offer': [
              {
                guard: 'becomesPage',
                target: 'page',
                actions: 'step',
                description: 'The guest writes its own memory; Xen is not asked.',
              },
              { guard: 'becomesSubPage', target: 'subPage', actions: 'step' },
              { guard: 'becomesTransitive', target: 'transitive', actions: 'step' },
              { guard: 'becomesAccepting', target: 'accepting', actions: 'step' },
            ],
            'hypercall.finish': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
            'restore.2': { guard: 'becomesRevoked', target: 'revoked', actions: 'step' },
          },
        },
        page: {
          description: 'GTF_permit_access to a whole page.',
          meta: { facts: ['F7.2'], says: 'page' },
          on: {
            'domain.kill': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
            'grant.revoke': {
              guard: 'becomesInvalid',
              target: 'invalid',
              actions: 'step',
              description: 'Withdrawn while the status bits say that nobody uses it.',
            },
            'grant.set_version': [
              {
                guard: 'becomesBeyond',
                target: 'beyond',
                actions: 'step',
                description: 'All but the eight reserved entries are cleared (F7.8).',
              },
              { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            ],
            'guest.invalidate-grant': {
              guard: 'becomesRevoked',
              target: 'revoked',
              actions: 'step',
              description: 'Taken back first, looked at afterwards.',
            },
            'hypercall.finish': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
          },
        },
        subPage: {
          description: 'GTF_permit_access to some bytes of a page: to be copied only, version 2.',
          meta: { facts: ['F7.2', 'F7.7'], says: 'subPage' },
          on: {
            'domain.kill': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
            'grant.revoke': { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            'grant.set_version': { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            'hypercall.finish': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
          },
        },
        transitive: {
          description:
            'GTF_transitive: leads to a grant of another domain, and no further; version 2.',
          meta: { facts: ['F7.2', 'F7.7'], says: 'transitive' },
          on: {
            'domain.kill': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
            'grant.revoke': { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            'grant.set_version': { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            'hypercall.finish': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
          },
        },
        revoked: {
          description: 'Taken back while mapped: the maps stay, with the frame of the first pin.',
          meta: { facts: ['F7.3', 'F7.6'], says: 'revoked' },
          on: {
            'domain.kill': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
            'grant.unmap': {
              guard: 'becomesInvalid',
              target: 'invalid',
              actions: 'step',
              description: 'The last map is gone, and with it what was left of the entry.',
            },
            'hypercall.finish': [
              { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
              {
                guard: 'becomesBeyond',
                target: 'beyond',
                actions: 'step',
                description: 'The whole teardown of the granter at once.',
              },
            ],
          },
        },
        accepting: {
          description: 'GTF_accept_transfer: a place for a page of another domain.',
          meta: { facts: ['F7.2', 'F7.7'], says: 'accepting' },
          on: {
            'grant.revoke': { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            'grant.set_version': { guard: 'becomesInvalid', target: 'invalid', actions: 'step' },
            'grant.transfer': {
              guard: 'becomesTransferred',
              target: 'transferred',
              actions: 'step',
              description: 'steal_page takes it from the other domain.',
            },
          },
        },
        transferred: {
          description: 'The page has come: committed and completed are set.',
          meta: { facts: ['F7.2', 'F8.11'], says: 'transferred' },
          on: {
            'domain.kill': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
            'hypercall.finish': { guard: 'becomesBeyond', target: 'beyond', actions: 'step' },
          },
        },
      },
    },
    use: {
      description: 'Whether Xen holds pins, as the status bits show the granter.',
      meta: { facts: ['F7.3', 'F7.5', 'I7.3'] },
      on: {
        'lu.jump': {
          guard: 'becomesIdle',
          target: '.idle',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.idle',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is it pinned, and to write?',
          meta: { facts: ['F7.3', 'F7.5', 'I7.3'] },
          always: [
            { guard: 'isIdle', target: 'idle' },
            { guard: 'isExpected', target: 'expected' },
            { guard: 'isReading', target: 'reading' },
            { target: 'writing' },
          ],
        },
        idle: {
          description: 'No active entry: neither bit is set.',
          meta: { facts: ['F7.3'], says: 'idle' },
          on: {
            'grant.map': [
              {
                guard: 'becomesReading',
                target: 'reading',
                actions: 'step',
                description:
                  'The first pin reads the entry and fixes the frame; a first writable one reads it again.',
              },
              { guard: 'becomesWriting', target: 'writing', actions: 'step' },
            ],
            'restore.1': {
              guard: 'becomesExpected',
              target: 'expected',
              actions: 'step',
              description:
                'Active entries come before any pin, so that mappers may come in any order.',
            },
          },
        },
        expected: {
          description: 'Pass 1 made the active entry; its pins come with the mappers, in pass 2.',
          meta: { facts: ['R38', 'R40', 'I7.1'], says: 'expected' },
          on: {
            'restore.2': [
              {
                guard: 'becomesReading',
                target: 'reading',
                actions: 'step',
                description: "A mapper's handle pins it as a new map would.",
              },
              { guard: 'becomesWriting', target: 'writing', actions: 'step' },
            ],
          },
        },
        reading: {
          description: 'Pinned, and nobody may write: GTF_reading.',
          meta: { facts: ['F7.5', 'I7.3'], says: 'reading' },
          on: {
            'domain.kill': {
              guard: 'becomesIdle',
              target: 'idle',
              actions: 'step',
              description:
                'gnttab_release_mappings of a dying mapper; or the granter itself is gone.',
            },
            'grant.map': { guard: 'becomesWriting', target: 'writing', actions: 'step' },
            'grant.unmap': {
              guard: 'becomesIdle',
              target: 'idle',
              actions: 'step',
              description:
                'reduce_status: writing goes with the last writable pin, reading with the last.',
            },
            'hypercall.finish': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
          },
        },
        writing: {
          description: 'Pinned to be written: GTF_reading and GTF_writing.',
          meta: { facts: ['F7.5', 'I7.3'], says: 'writing' },
          on: {
            'domain.kill': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
            'grant.unmap': [
              { guard: 'becomesIdle', target: 'idle', actions: 'step' },
              { guard: 'becomesReading', target: 'reading', actions: 'step' },
            ],
            'hypercall.finish': { guard: 'becomesIdle', target: 'idle', actions: 'step' },
          },
        },
      },
    },
    maps: {
      description: 'By what kinds of map it is pinned.',
      meta: { facts: ['F7.3', 'F7.6'] },
      on: {
        'lu.jump': {
          guard: 'becomesUnmapped',
          target: '.unmapped',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.unmapped',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Which counters are above 0?',
          meta: { facts: ['F7.3', 'F7.6'] },
          always: [
            { guard: 'isUnmapped', target: 'unmapped' },
            { guard: 'isByHost', target: 'byHost' },
            { guard: 'isByDevice', target: 'byDevice' },
            { target: 'byBoth' },
          ],
        },
        unmapped: {
          description: 'All four counters are 0.',
          meta: { facts: ['F7.3'], says: 'unmapped' },
          on: {
            'grant.map': [
              { guard: 'becomesByHost', target: 'byHost', actions: 'step' },
              { guard: 'becomesByDevice', target: 'byDevice', actions: 'step' },
              { guard: 'becomesByBoth', target: 'byBoth', actions: 'step' },
            ],
            'restore.2': [
              {
                guard: 'becomesByHost',
                target: 'byHost',
                actions: 'step',
                description: 'One pin for the host map, one for the device map (S52).',
              },
              { guard: 'becomesByDevice', target: 'byDevice', actions: 'step' },
              { guard: 'becomesByBoth', target: 'byBoth', actions: 'step' },
            ],
          },
        },
        byHost: {
          description: 'Host maps only: hstw, hstr.',
          meta: { facts: ['F7.3', 'F7.5'], says: 'byHost' },
          on: {
            'domain.kill': { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
            'grant.map': { guard: 'becomesByBoth', target: 'byBoth', actions: 'step' },
            'grant.unmap': {
              guard: 'becomesUnmapped',
              target: 'unmapped',
              actions: 'step',
              description: 'The two parts of a map may be undone one by one.',
            },
            'hypercall.finish': { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
          },
        },
        byDevice: {
          description: 'Device maps only: devw, devr.',
          meta: { facts: ['F7.3', 'F7.5'], says: 'byDevice' },
          on: {
            'domain.kill': { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
            'grant.map': { guard: 'becomesByBoth', target: 'byBoth', actions: 'step' },
            'grant.unmap': { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
            'hypercall.finish': { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
          },
        },
        byBoth: {
          description: 'Host and device maps: each pins for itself.',
          meta: { facts: ['F7.5', 'S52'], says: 'byBoth' },
          on: {
            'domain.kill': { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
            'grant.unmap': [
              { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
              { guard: 'becomesByHost', target: 'byHost', actions: 'step' },
              { guard: 'becomesByDevice', target: 'byDevice', actions: 'step' },
            ],
            'hypercall.finish': { guard: 'becomesUnmapped', target: 'unmapped', actions: 'step' },
          },
        },
      },
    },
    table: {
      description: 'The version of the table that it is in.',
      meta: { facts: ['F7.1', 'F7.8'] },
      on: {
        'lu.jump': {
          guard: 'becomesNoTable',
          target: '.noTable',
          actions: 'step',
          description: 'xen#1 is gone; the domain is its memory and its records.',
        },
        'kexec.exec': {
          target: '.noTable',
          actions: 'step',
          description: 'A normal reboot into another Xen.',
        },
        '*': {
          guard: 'goes',
          target: '.noTable',
          actions: 'step',
          description: 'The last reference to the domain is dropped, by whatever event (F2.15).',
        },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Which version has the table?',
          meta: { facts: ['F7.1', 'F7.8'] },
          always: [
            { guard: 'isNoTable', target: 'noTable' },
            { guard: 'isV1', target: 'v1' },
            { target: 'v2' },
          ],
        },
        noTable: {
          description: 'There is no domain, so no table.',
          meta: { facts: ['F7.1'], says: 'noTable' },
          on: {
            'domctl.createdomain': { guard: 'becomesV1', target: 'v1', actions: 'step' },
            'restore.0a': [
              {
                guard: 'becomesV1',
                target: 'v1',
                actions: 'step',
                description: 'domain_create makes it with version 1 (F7.1).',
              },
              { guard: 'becomesV2', target: 'v2', actions: 'step' },
            ],
          },
        },
        v1: {
          description: 'Status bits are in the entry itself.',
          meta: { facts: ['F7.1', 'F7.2'], says: 'v1' },
          on: {
            'grant.set_version': {
              guard: 'becomesV2',
              target: 'v2',
              actions: 'step',
              description: 'Not while a grant beyond the reserved ones is pinned: -EBUSY (F7.8).',
            },
          },
        },
        v2: {
          description: 'Status words are in frames of their own.',
          meta: { facts: ['F7.1', 'F7.2', 'F7.9'], says: 'v2' },
          on: {
            'grant.set_version': { guard: 'becomesV1', target: 'v1', actions: 'step' },
          },
        },
      },
    },
  },
});

/** References with an entry or a pin, and the first of each table that has neither. */
const placesOf = (host: Host): readonly Grant[] =>
  numericEntries(host.xen.domains).flatMap(([domid, d]) => {
    const perPage = d.grants.version === 1 ? GRANT_V1_PER_PAGE : GRANT_V2_PER_PAGE;
    const kind = d.grants.version === 1 ? 'grant-v1' : 'grant-v2';
    const refs = d.grants.frames.flatMap((frame, page) =>
      numericEntries(contentOf(host.hardware, frame, kind)?.entries ?? {}).map(
        ([slot]) => page * perPage + slot,
      ),
    );
    const used = new Set([...refs, ...numericEntries(d.grants.active).map(([ref]) => ref)]);
    let unused = 0;
    while (used.has(unused)) unused++;
    return [...used, unused].sort((a, b) => a - b).map((ref) => ({ domid, ref }));
  });

export default chart<Grant>({
  name: 'grant',
  machine: grant,
  says,
  questions,
  places: placesOf,
  label: ({ domid, ref }) => `d${domid} ref ${ref}`,
});
