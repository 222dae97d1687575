/**
 * One state for all that differ only in the order of like parts: the parts of
 * each group are sorted by what they hold. Sound only if neither the machine
 * nor a property tells the parts apart, which is for the user to know.
 */
import type { Engine } from './engine.ts';
import type { Symmetry } from './options.ts';
import { Unexplorable } from './problem.ts';
import type { Desc, Domain } from './slots.ts';
import { canonical } from './values.ts';

/** The same place in each part. */
interface Column {
  readonly domains: readonly (Domain | undefined)[];
  /** Numbers of values, the same in all parts; per part by id. */
  readonly numbers: (number | undefined)[][];
  readonly known: Map<string, number>;
  readonly descs: Desc[];
  /** By number: its place when values are sorted by their content, not by their finding. */
  ranks: number[];
}

/**
 * A function that sorts the parts of a state.
 *
 * @throws Unexplorable if a place is not to be found or the parts differ in form
 */
export function normaliserOf(engine: Engine, symmetry: Symmetry): (v: Int32Array) => void {
  const { slots } = engine;
  const columns = () =>
    symmetry.groups.map((parts, i) => columnsOf(engine, parts, `options.symmetry.groups[${i}]`));
  let groups = columns();
  let count = slots.count;
  return (v) => {
    if (count !== slots.count) {
      groups = columns();
      count = slots.count;
    }
    for (const group of groups) sortParts(engine, group, v);
  };
}

function columnsOf(
  engine: Engine,
  parts: readonly (readonly string[])[],
  place: string,
): readonly Column[] {
  const listed = parts.map((part) => part.map((name) => placesOf(engine, name, place)));
  const shape = (maps: readonly ReadonlyMap<string, Domain>[] | undefined) => maps?.length;
  if (listed.some((part) => shape(part) !== shape(listed[0]))) {
    throw new Unexplorable(place, 'the parts have not as many places each');
  }
  const columns: Column[] = [];
  for (let i = 0; i < (listed[0]?.length ?? 0); i++) {
    const names = new Set(listed.flatMap((part) => [...(part[i]?.keys() ?? [])]));
    for (const name of [...names].sort()) {
      const domains = listed.map((part) => part[i]?.get(name));
      columns.push({
        domains,
        numbers: parts.map(() => []),
        known: new Map(),
        descs: [],
        ranks: [],
      });
    }
  }
  return columns;
}

/** The slots at and below a place, by their names relative to it. */
function placesOf(engine: Engine, name: string, place: string): Map<string, Domain> {
  const { slots, chart } = engine;
  const places = new Map<string, Domain>();
  if (name.startsWith('#')) {
    const root = chart.nodes.find((node) => node.id === name.slice(1));
    const below = chart.nodes.filter((node) => {
      for (let up: typeof root = node; up !== undefined; up = up.parent)
        if (up === root) return true;
      return false;
    });
    for (const node of below) {
      const region = chart.regions.find((one) => one.node === node);
      const domain = region ? slots.domains[region.slot] : chart.histories.get(node.id);
      const relative = node.path.slice(root?.path.length ?? 0).join('.');
      if (domain !== undefined) places.set(relative, domain);
    }
  } else {
    for (const domain of slots.domains) {
      if (domain.name === name) places.set('', domain);
      else if (domain.name.startsWith(`${name}.`)) {
        places.set(domain.name.slice(name.length), domain);
      }
    }
  }
  if (places.size === 0) throw new Unexplorable(place, `there is no place ${name}`);
  return places;
}

function sortParts(engine: Engine, columns: readonly Column[], v: Int32Array): void {
  const count = columns[0]?.domains.length ?? 0;
  const rows: number[][] = [];
  for (let part = 0; part < count; part++) {
    rows.push(columns.map((column) => numberAt(column, part, v)));
  }
  rows.sort((a, b) => compare(columns, a, b));
  for (let part = 0; part < count; part++) {
    for (const [i, column] of columns.entries()) {
      const domain = column.domains[part];
      const number = rows[part]?.[i] as number;
      const desc = column.descs[number] as Desc;
      if (domain !== undefined) v[domain.slot] = idFor(engine, domain, number, desc);
      else if (desc.kind !== 'absent') {
        throw new Unexplorable('options.symmetry', 'the parts do not grow alike');
      }
    }
  }
}

/** By content, so that all who search, now or later, sort alike. */
function compare(columns: readonly Column[], a: readonly number[], b: readonly number[]): number {
  for (const [i, { ranks }] of columns.entries()) {
    const difference = (ranks[a[i] as number] as number) - (ranks[b[i] as number] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Regions have no descriptions: their ids are the same in all parts. */
function numberAt(column: Column, part: number, v: Int32Array): number {
  const domain = column.domains[part];
  const id = domain === undefined ? -1 : (v[domain.slot] as number);
  const cache = column.numbers[part] as (number | undefined)[];
  const cached = cache[id + 1];
  if (cached !== undefined) return cached;
  const desc: Desc =
    domain === undefined
      ? { kind: 'absent' }
      : (domain.descs[id] ?? { kind: 'primitive', value: id });
  const key = desc.kind === 'kept' ? `kept ${canonical(desc.value, 'symmetry')}` : keyOf(desc);
  let number = column.known.get(key);
  if (number === undefined) {
    number = column.descs.push(desc) - 1;
    column.known.set(key, number);
    let rank = 0;
    for (const [other, of] of column.known) {
      if (other < key) rank++;
      else if (other > key) column.ranks[of] = (column.ranks[of] as number) + 1;
    }
    column.ranks[number] = rank;
  }
  cache[id + 1] = number;
  return number;
}

function keyOf(desc: Exclude<Desc, { kind: 'kept' }>): string {
  switch (desc.kind) {
    case 'primitive':
      return `value ${canonical(desc.value, 'symmetry')}`;
    case 'array':
      return `array ${desc.length}`;
    case 'object':
      return `object ${JSON.stringify([...desc.keys].sort())}`;
    default:
      return desc.kind;
  }
}

function idFor(engine: Engine, domain: Domain, number: number, desc: Desc): number {
  if (domain.descs.length === 0) return desc.kind === 'primitive' ? Number(desc.value) : number;
  return engine.slots.idOf(domain, desc);
}
