/** I7.1 to I7.5 name the grant or the handle, and both values. */
import { describe, expect, test } from 'vitest';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { GTF } from '../../../src/host/constants.ts';
import { setType } from '../../../src/host/frame-table.ts';
import { domid, grantRef, mfn } from '../../../src/host/ids.ts';
import { PGT } from '../../../src/host/page-type.ts';
import {
  contentIn,
  domainOf,
  type LooseHost,
  ofHost,
  ofUpdate,
  spoilt,
} from '../support/evidence.ts';

/**
 * In the mixed host d1's grant 8 is mapped by d0's handle 0 for host and
 * device, d2's grant 8 by handle 1, d0's grant 8 read-only by d2's handle 0.
 */
const active = (h: LooseHost, id: number, ref = 8) => {
  const a = domainOf(h, id).grants.active[ref];
  if (a === undefined) throw new Error(`d${id} grant ${ref} is not active`);
  return a;
};
const handle = (h: LooseHost, id: number, n: number) => {
  const m = domainOf(h, id).grants.maptrack[n];
  if (m === undefined) throw new Error(`d${id} handle ${n} is free`);
  return m;
};

describe('I7.1', () => {
  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'one pin for a handle that maps twice (S52)',
      (h) => {
        active(h, 1).pins.devw = 0;
      },
      'd1 grant 0x8: pins hstw 1, handles make hstw 1, devw 1',
    ],
    [
      'a pin of the wrong kind',
      (h) => {
        active(h, 0).pins = { hstw: 1, hstr: 0, devw: 0, devr: 0 };
      },
      'd0 grant 0x8: pins hstw 1, handles make hstr 1',
    ],
    [
      'a pin without a handle',
      (h) => {
        delete domainOf(h, 0).grants.maptrack[1];
      },
      'd2 grant 0x8: pins hstw 1, handles make none',
    ],
    [
      'a handle without an active entry',
      (h) => {
        delete domainOf(h, 1).grants.active[8];
      },
      'd1 grant 0x8: not active, handles make hstw 1, devw 1',
    ],
    [
      'a handle on a domain that is gone (S30)',
      (h) => {
        delete h.xen.domains[4];
      },
      'd4 grant 0x8: mapped, but no such domain',
    ],
  ])('%s', async (_name, spoil, finding) => {
    expect(await ofHost('I7.1', spoilt(spoil))).toEqual([finding]);
  });
});

describe('I7.2', () => {
  test("a page that is somebody else's by now", async () => {
    const findings = await ofHost(
      'I7.2',
      spoilt((h) => {
        h.xen.frames.owner[active(h, 1).frame] = 3;
      }),
    );
    expect(findings).toEqual([
      expect.stringMatching(/^d1 grant 0x8: frame 0x[0-9a-f]+ is owned by d3$/),
    ]);
  });

  test('a count without room for the pins', async () => {
    const findings = await ofHost(
      'I7.2',
      spoilt((h) => {
        h.xen.frames.generalCount[active(h, 1).frame] = 2;
      }),
    );
    expect(findings).toEqual([expect.stringMatching(/counts 2, pins and owner hold 3$/)]);
  });

  test('a mapper that is not the grantee', async () => {
    const host = spoilt((h) => {
      active(h, 2).domid = domid(1);
    });
    expect(await ofHost('I7.2', host)).toEqual(['d2 grant 0x8: granted to d1, mapped by d0']);
  });
});

describe('I7.3', () => {
  const entry = (h: LooseHost, id: number) => {
    const frame = domainOf(h, id).grants.frames[0];
    const e = contentIn(h, frame, 'grant-v1').entries[8];
    if (e === undefined) throw new Error(`d${id} offers no grant 8`);
    return e;
  };
  const status = (h: LooseHost): Record<number, number> =>
    contentIn(h, domainOf(h, 2).grants.statusFrames[0], 'grant-status').words;

  test('v1: bits cleared while mapped, bits set while not', async () => {
    const cleared = spoilt((h) => {
      entry(h, 1).flags = GTF.permit_access;
    });
    expect(await ofHost('I7.3', cleared)).toEqual([
      'd1 grant 0x8: shows neither, pins hstw 1, devw 1',
    ]);
    const writing = spoilt((h) => {
      entry(h, 0).flags |= GTF.writing;
    });
    expect(await ofHost('I7.3', writing)).toEqual([
      'd0 grant 0x8: shows reading and writing, pins hstr 1',
    ]);
  });

  test('v2: the status word', async () => {
    const host = spoilt((h) => {
      status(h)[8] = GTF.reading;
      status(h)[9] = GTF.reading;
    });
    expect(await ofHost('I7.3', host)).toEqual([
      'd2 grant 0x8: shows reading, pins hstw 1',
      'd2 grant 0x9: shows reading, pins none',
    ]);
  });

  test('a transfer has other bits there', async () => {
    const host = spoilt((h) => {
      contentIn(h, domainOf(h, 1).grants.frames[0], 'grant-v1').entries[9] = {
        flags: GTF.accept_transfer | GTF.reading,
        domid: 0,
        frame: 0,
      };
    });
    expect(await ofHost('I7.3', host)).toEqual([]);
  });
});

describe('I7.4', () => {
  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'in use and free',
      (h) => domainOf(h, 0).grants.maptrackFree[0]?.push(1),
      'd0 handle 1: in use or free more than once',
    ],
    [
      'on two lists',
      (h) => domainOf(h, 0).grants.maptrackFree[1]?.push(511),
      'd0 handle 511: in use or free more than once',
    ],
    [
      'nowhere',
      (h) => domainOf(h, 0).grants.maptrackFree[0]?.pop(),
      'd0 handle 511: neither in use nor free',
    ],
    [
      'beyond the limit',
      (h) => domainOf(h, 0).grants.maptrackFree[1]?.push(512),
      'd0 handle 512: free, limit 512',
    ],
  ])('a handle %s', async (_name, spoil, finding) => {
    expect(await ofHost('I7.4', spoilt(spoil))).toEqual([finding]);
  });

  test('handles that an update renumbers (S53)', async () => {
    const findings = await ofUpdate('I7.4', (h) => {
      const { maptrack } = domainOf(h, 0).grants;
      const [first, second] = [handle(h, 0, 0), handle(h, 0, 1)];
      [maptrack[0], maptrack[1]] = [second, first];
    });
    expect(findings).toEqual([
      'd0 handle 0: d1 grant 0x8, flags 0x3, v0 -> d2 grant 0x8, flags 0x2, v0',
      'd0 handle 1: d2 grant 0x8, flags 0x2, v0 -> d1 grant 0x8, flags 0x3, v0',
    ]);
  });

  test('a handle that is lost, flags that change, a limit that shrinks', async () => {
    const findings = await ofUpdate('I7.4', (h) => {
      delete domainOf(h, 0).grants.maptrack[1];
      handle(h, 0, 0).flags = 2;
      handle(h, 2, 0).ref = grantRef(9);
      domainOf(h, 2).grants.maptrackLimit = 1;
    });
    expect(findings).toEqual([
      'd0 handle 0: d1 grant 0x8, flags 0x3, v0 -> d1 grant 0x8, flags 0x2, v0',
      'd0 handle 1: d2 grant 0x8, flags 0x2, v0 -> free',
      'd2: maptrack limit 512 -> 1',
      'd2 handle 0: d0 grant 0x8, flags 0x6, v0 -> d0 grant 0x9, flags 0x6, v0',
    ]);
  });
});

describe('I7.5', () => {
  test('another frame, another version, other limits', async () => {
    const [frame] = mixedHost().xen.domains[1]?.grants.frames ?? [];
    const findings = await ofUpdate('I7.5', (h) => {
      domainOf(h, 1).grants.frames = [mfn(0x50)];
      domainOf(h, 2).grants.version = 1;
      domainOf(h, 3).grants.maxFrames = 32;
    });
    expect(findings).toEqual([
      `d1: grant frames [0x${frame?.toString(16)}] -> [0x50]`,
      'd2: version 2 -> 1',
      'd3: max_grant_frames 64 -> 32',
    ]);
  });

  test('the order counts', async () => {
    const two = spoilt((h) => {
      domainOf(h, 1).grants.frames.push(mfn(0x77));
    });
    const findings = await ofUpdate(
      'I7.5',
      (h) => {
        domainOf(h, 1).grants.frames.reverse();
        setType(h.xen.frames, 0x77, PGT.none);
      },
      two,
    );
    expect(findings).toHaveLength(1);
  });
});
