/** Grant-table limits that xen#2 does not allow: said by xen#1, or xen#2 would crash (F2.3, S56). */
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { finish } from '../../src/host/build/finish.ts';
import type { XenBuild } from '../../src/host/system.ts';
import { runUpdate } from '../../src/trace/run-update.ts';
import { version } from '../support/updates.ts';

/** One domain that may have 64 grant frames and 1024 of maptrack, and uses one and none. */
const host = () => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 24 });
  return finish(draft);
};

const outcomeWith = (build: Partial<XenBuild>) => {
  const h = host();
  return runUpdate(
    {
      host: h,
      from: version('4.17'),
      build: { ...h.xen.build, ...build },
      commandLine: '',
      design: defaultDesign,
    },
    () => undefined,
  );
};

describe('limits that a domain does not use, but has', () => {
  test.each([
    [{ gnttabMaxFrames: 63 }, 'd0: maximal grant frames 64, xen#2 allows 63 (F2.3, S56)'],
    [
      { gnttabMaxMaptrackFrames: 1023 },
      'd0: maximal maptrack frames 1024, xen#2 allows 1023 (F2.3, S56)',
    ],
  ])('%o are refused before the jump', (build, reason) => {
    const outcome = outcomeWith(build);
    expect(outcome.kind === 'refused' && outcome.reasons).toEqual([reason]);
  });

  test('and the same limits, or higher ones, are not', () => {
    expect(outcomeWith({}).kind).toBe('resumed');
    const more = { gnttabMaxFrames: 65, gnttabMaxMaptrackFrames: 1025 };
    expect(outcomeWith(more).kind).toBe('resumed');
  });
});
