import { expect, test } from 'vitest';
import { twoGuests } from '../../properties/support/scope-hosts.ts';
import { Atoms } from '../../src/scope/atoms.ts';

const host = twoGuests();
const known = (): Atoms => {
  const atoms = new Atoms();
  atoms.of(host.hardware);
  return atoms;
};

test('equal parts have one number, whoever made them', () => {
  const atoms = known();
  expect(atoms.of(twoGuests().hardware)).toBe(atoms.of(host.hardware));
  expect(atoms.of(host.xen)).not.toBe(atoms.of(host.hardware));
});

test('parts that were saved have their numbers in another run', () => {
  const atoms = known();
  const number = atoms.of(host.xen);
  const later = known();
  expect(later.load(atoms.save())).toBe(true);
  expect(later.at(number)).toEqual(host.xen);
  expect(later.of(twoGuests().xen)).toBe(number);
});

test('parts of a run that began otherwise are not taken', () => {
  const other = new Atoms();
  other.of(host.xen);
  expect(known().load(other.save())).toBe(false);
  expect(known().load(new Uint8Array([1, 2, 3]))).toBe(false);
});
