/** How random hosts are distributed: reported in `docs/random-hosts.md`, and nothing is missing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { featuresOf } from '../../../properties/arbitraries/host/features.ts';
import { hostArbitrary } from '../../../properties/arbitraries/index.ts';

const HOSTS = 400;
const hosts = fc.sample(hostArbitrary(), { seed: 1, numRuns: HOSTS }).map((h) => h.host);
const all = hosts.map(featuresOf);

const share = (feature: string): number =>
  all.filter((features) => features.includes(feature)).length / HOSTS;

/** Shapes that must not be missing, however rare they are on real hosts. */
const WANTED = [
  ...['pv', 'pvh', 'hvm'].map((type) => `grant of a ${type} domain, mapped host`),
  ...['pv', 'pvh', 'hvm'].map((type) => `grant of a ${type} domain, mapped host and device`),
  ...['pv', 'pvh', 'hvm'].map((type) => `grant of a ${type} domain, mapped host and read-only`),
  'grant of a pv domain, mapped device',
  ...['grant table v1', 'grant table v2', 'event ABI 2l', 'event ABI fifo'],
  ...['unbound', 'interdomain', 'pirq', 'virq', 'ipi'].map((state) => `port: ${state}`),
  ...['ioreq', 'suspend', 'vm_event'].map((consumer) => `port of Xen's: ${consumer}`),
  ...['FIFO queue with events', 'pending beyond the event array', 'event-channel reset half done'],
  ...['pinned table', 'linear page tables', 'table validated in part', 'old_guest_table'],
  ...[
    'zombie',
    'pauses nested',
    'shutdown complete',
    'shutdown in_progress',
    'shutdown code stored',
  ],
  ...['IOREQ server', 'ioreq in flight', 'log-dirty operation half done', 'device-model domain'],
  ...['continue_hypercall', 'init_sipi', 'assert_evtchn_irq'].map((work) => `tasklet ${work}`),
  ...['singleshot timer', 'periodic timer', 'vCPU blocked', 'vCPU down', 'RCU callback'],
  // C1: memory_op, grant_table_op, mmu_update; C2: dm_op; C3: reset, paging; C4: pin; C5: domctl.
  ...[1, 12, 20, 26, 32, 36, 41, 49].map((number) => `vCPU in hypercall ${number}`),
  ...['foreign pages in a P2M', 'P2M shared with the IOMMU', 'broken page', 'extra page'],
];

test('every shape is there', () => {
  expect(WANTED.filter((feature) => share(feature) === 0)).toEqual([]);
});

test('a domain dies in every phase that a teardown has', () => {
  const phases = new Set(all.flat().filter((f) => f.startsWith('dying at ')));
  for (const phase of ['none', 'vcpu_teardown', 'evtchn', 'pci', 'paging', 'xen', 'l4', 'l3', 'l2'])
    expect([...phases]).toContain(`dying at ${phase}`);
});

test('the report says what is so', () => {
  const line = (feature: string): string =>
    `| ${feature} | ${(100 * share(feature)).toFixed(1)} % |`;
  const doc = readFileSync(join(import.meta.dirname, '../../../docs/random-hosts.md'), 'utf8');
  const table = [...new Set(all.flat())]
    .filter((f) => share(f) >= 0.05)
    .sort()
    .map(line);
  expect(doc.split('\n').filter((l) => /^\| .* % \|$/.test(l))).toEqual(table);
});
