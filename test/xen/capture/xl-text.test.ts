import { expect, test } from 'vitest';
import { readXlList } from '../../../src/xen/capture/xl-text.ts';

const HEAD =
  'Name                  ID   Mem VCPUs\tState\tTime(s)   UUID   Reason-Code\tSecurity Label';
const UUID = 'd16f2c73-dbc5-4c12-9690-86df15b31fd1';
const row = (name: string, domid: number, memory: number, state: string): string =>
  `${name}   ${domid}   ${memory}   1     ${state}     4.5 ${UUID}   3      -`;

test('a zombie has no name any more, but all else', () => {
  const { rows, unreadable } = readXlList([HEAD, row('(null)', 4, 0, '--pscd')].join('\n'), 'v');
  expect(unreadable).toEqual([]);
  expect(rows).toEqual([
    {
      domid: 4,
      name: undefined,
      vcpus: 1,
      state: '--pscd',
      uuid: UUID,
      shutdownReason: 3,
      label: undefined,
      place: { file: 'v', line: 2 },
    },
  ]);
});

test('other rows without a name are garbage, as xl prints it while domains go', () => {
  const rows = [
    row('(null)', 4896, 369157459987, 'rb---d'),
    row('(null)', 4896, 36, 'rb---d'),
    row('(null)', 4, 16, '------'),
    row('(null)', 0x7ff5, 16, '-----d'),
  ];
  const read = readXlList([HEAD, ...rows, row('pv1', 5, 16, '-b----')].join('\n'), 'v');
  expect(read.rows.map(({ domid, name }) => [domid, name])).toEqual([[5, 'pv1']]);
  expect(read.unreadable.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
});
