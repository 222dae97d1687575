/** I2.1, I2.2, I2.3 and RUN-1 name what is wrong with pauses and shutdowns. */
import { describe, expect, test } from 'vitest';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { SHUTDOWN, VPF } from '../../../src/host/constants.ts';
import type { Host } from '../../../src/host/host.ts';
import { domid } from '../../../src/host/ids.ts';
import {
  contentIn,
  domainOf,
  evidence,
  type LooseHost,
  ofEvidence,
  ofHost,
  ofSaved,
  ofSteps,
  ofUpdate,
  parked,
  spoilt,
  updated,
  vcpuOf,
} from '../support/evidence.ts';

describe('I2.1', () => {
  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'a pause nobody holds',
      (h) => domainOf(h, 1).pauseCount++,
      'd1: pause_count 1, holders 0 + []',
    ],
    [
      'a pause of the tool stack too many',
      (h) => domainOf(h, 2).controllerPauseCount++,
      'd2: pause_count 1, holders 2 + []',
    ],
    [
      'a dead domain that is not paused for it',
      (h) => Object.assign(domainOf(h, 4), { pausers: [], pauseCount: 0 }),
      'd4: dead, but paused 0 times for it',
    ],
    [
      'the pause of an update that is over',
      (h) => Object.assign(domainOf(h, 3), { pausers: ['lu'], pauseCount: 1 }),
      'd3: paused 1 times by the update',
    ],
    ['a vCPU', (h) => vcpuOf(h, 0, 1).pauseCount++, 'd0v1: pause_count 1, holders 0'],
  ])('%s', async (_name, spoil, finding) => {
    expect(await ofHost('I2.1', spoilt(spoil))).toEqual([finding]);
  });

  test('the pause of the update is right at the save, once', async () => {
    const host = parked(mixedHost());
    expect(await ofSaved('I2.1', host)).toEqual([]);
    expect(await ofSaved('I2.1', parked(host))).toContain('d0: paused 2 times by the update');
  });

  test('a holder that does not outlive the update, or one that only then appears', async () => {
    const findings = await ofUpdate('I2.1', (h) => {
      domainOf(h, 2).controllerPauseCount = 0;
      domainOf(h, 1).pausers.push('vm_event');
    });
    expect(findings).toEqual([
      'd1: paused by [] -> [vm_event]',
      'd2: controller_pause_count 1 -> 0',
    ]);
  });
});

describe('I2.2', () => {
  test('an emulation, its completion, a deferral', async () => {
    const host = spoilt((h) => {
      vcpuOf(h, 3, 0).io = { state: 1, completion: 'pio', suspended: false };
      vcpuOf(h, 3, 1).deferShutdown = true;
    });
    expect(await ofSaved('I2.2', host)).toEqual([
      'd3v0: io.req.state 1, completion pio',
      'd3v1: defer_shutdown is set',
    ]);
  });
});

/** A host whose d1 shut down and waits for the tool stack. */
const shutDown = (): Host =>
  spoilt((h) => {
    domainOf(h, 1).shutdown = { state: 'complete', code: SHUTDOWN.poweroff };
    for (const v of domainOf(h, 1).vcpus)
      Object.assign(v, { pausedForShutdown: true, pauseCount: 1 });
  });

describe('I2.3', () => {
  test('a code that is lost, as domain_resume loses it', async () => {
    const findings = await ofUpdate(
      'I2.3',
      (h) => {
        domainOf(h, 1).shutdown = { state: 'none', code: 0xffff_ffff };
        vcpuOf(h, 1, 0).pausedForShutdown = false;
      },
      shutDown(),
    );
    expect(findings).toEqual([
      'd1: shutdown complete, code 0x0 -> none, code 0xffffffff',
      'd1v0: no longer paused for the shutdown',
    ]);
  });

  test('a code that is made up, where one was only stored before (F2.27)', async () => {
    expect(
      await ofUpdate('I2.3', (h) => {
        domainOf(h, 1).shutdown.code = SHUTDOWN.suspend;
      }),
    ).toEqual(['d1: shutdown none, code 0x3 -> none, code 0x2']);
  });

  test('VIRQ_DOM_EXC raised without a domain that ended', async () => {
    const quiet = spoilt((h) => {
      const array = domainOf(h, 0).events.fifoArray[0];
      contentIn(h, array, 'fifo-array').words[3] = 0;
    });
    const raise = (h: LooseHost) => {
      contentIn(h, domainOf(h, 0).events.fifoArray[0], 'fifo-array').words[3] = 2 ** 31;
    };
    expect(await ofUpdate('I2.3', raise, quiet)).toEqual([
      'd0 port 3: VIRQ_DOM_EXC was raised, and no domain had ended',
    ]);
    // It is right when d1's shutdown became complete meanwhile.
    const halfDown = spoilt((h) => {
      domainOf(h, 1).shutdown.state = 'in_progress';
    }, quiet);
    const after = updated(quiet, (h) => {
      raise(h);
      domainOf(h, 1).shutdown.state = 'complete';
    });
    const saved = spoilt((h) => {
      domainOf(h, 1).shutdown.state = 'complete';
    }, parked(halfDown));
    expect(await ofEvidence('I2.3', evidence(halfDown, after, { saved }))).toEqual([]);
  });
});

describe('RUN-1', () => {
  test('a domain that ran and is paused, and one that was paused and runs', async () => {
    const findings = await ofUpdate('RUN-1', (h) => {
      Object.assign(domainOf(h, 1), { pauseCount: 1 });
      Object.assign(domainOf(h, 2), { pauseCount: 0, controllerPauseCount: 0 });
    });
    expect(findings).toEqual([
      'd1v0: runnable -> domain paused 1 times',
      'd1v1: runnable -> domain paused 1 times',
      'd2v0: domain paused 1 times -> runnable',
      "d1: pause_count 1 at the save, 1 of it the update's; 1 after",
      "d2: pause_count 2 at the save, 1 of it the update's; 0 after",
    ]);
  });

  test('quiescing may wake whoever waits, and bring up whoever was sent an INIT-SIPI', async () => {
    // The end of a teardown raises VIRQ_DOM_EXC in dom0 (F2.7); the tasklet runs (F3.16).
    const before = spoilt((h) => {
      vcpuOf(h, 0, 1).pauseFlags = VPF.blocked;
      Object.assign(vcpuOf(h, 3, 1), { pauseFlags: VPF.down, initialised: false });
      const vcpu = { domid: domid(3), vcpu: 1 };
      const queued = { id: 0, scheduledOn: 0, running: false, softirq: true, result: 0 };
      h.xen.system.tasklets.push({ ...queued, work: 'init_sipi', vcpu });
    });
    const wake = (h: LooseHost): void => {
      vcpuOf(h, 0, 1).pauseFlags = 0;
      Object.assign(vcpuOf(h, 3, 1), { pauseFlags: 0, initialised: true });
    };
    const saved = parked(spoilt(wake, before));
    const after = updated(before, wake);
    expect(await ofEvidence('RUN-1', evidence(before, after, { saved }))).toEqual([]);
  });

  test('a vCPU that was down and is up', async () => {
    const before = spoilt((h) => {
      vcpuOf(h, 3, 1).pauseFlags = 2;
    });
    expect(
      await ofUpdate(
        'RUN-1',
        (h) => {
          vcpuOf(h, 3, 1).pauseFlags = 0;
        },
        before,
      ),
    ).toEqual([
      'd3v1: pause_flags 0x2 -> runnable',
      'd3v1: pause_count 0, flags 0x2 at the save; after 0, 0x0',
    ]);
  });

  test('a vCPU that only waited for its emulator may run', async () => {
    const before = spoilt((h) => {
      vcpuOf(h, 3, 0).pauseFlags = 4;
    });
    const saved = spoilt((h) => {
      vcpuOf(h, 3, 0).pauseFlags = 0;
    }, parked(before));
    const after = updated(before, (h) => {
      vcpuOf(h, 3, 0).pauseFlags = 0;
    });
    expect(await ofEvidence('RUN-1', evidence(before, after, { saved }))).toEqual([]);
  });

  test('a domain that runs while it is saved or restored', async () => {
    const host = mixedHost();
    expect(await ofSteps('RUN-1', [{ host: parked(host), phase: 'saving' }])).toEqual([]);
    expect(await ofSteps('RUN-1', [{ host, phase: 'quiescing' }])).toEqual([]);
    const early = await ofSteps('RUN-1', [{ host, phase: 'restoring', type: 'restore.2' }]);
    expect(early).toContain('d1v0: can run at restore.2, before everything is verified');
    expect(early.some((f) => f.startsWith('d2v0') || f.startsWith('d4v0'))).toBe(false);
  });
});
