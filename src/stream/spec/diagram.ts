/** From the shape of a record's body to octet diagrams of it and of what it repeats. */
import { BYTES_OF, type FieldShape, type Shape } from '../schema/shape.ts';
import type { Element } from './octet-grid.ts';

export interface Diagram {
  /** What it shows: null for the body itself, else a part of it by its path. */
  readonly title: string | null;
  readonly elements: readonly Element[];
}

/** What a shape adds to the diagram in hand, and parts that get diagrams of their own. */
interface Drawn {
  readonly elements: readonly Element[];
  readonly parts: readonly Diagram[];
}

type ShapeOf<K extends Shape['kind']> = Extract<Shape, { readonly kind: K }>;

const octets = (label: string, count: number): Element => ({
  kind: 'octets',
  label,
  octets: count,
});
const band = (label: string): Element => ({ kind: 'band', label });

const only = (...elements: readonly Element[]): Drawn => ({ elements, parts: [] });

const joined = (all: readonly Drawn[]): Drawn => ({
  elements: all.flatMap((d) => d.elements),
  parts: all.flatMap((d) => d.parts),
});

const lastOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

const under = (path: string, name: string): string =>
  [path, name].filter((part) => part !== '').join('.');

/** By its whole name, or by the last part of it where the whole has no room in one line. */
const value = (name: string, count: number): Drawn =>
  only(octets(name.length < count * 9 ? name : lastOf(name), count));

/** The form of one value that needs no diagram: `u32`; null for anything larger. */
const formOf = (shape: Shape): string | null => {
  switch (shape.kind) {
    case 'number':
      return shape.type;
    case 'bool':
    case 'enumeration':
    case 'flags':
      return 'u8';
    case 'text':
      return '(u16 length, then UTF-8)';
    case 'array':
      return `(u32 count, then count x ${shape.item})`;
    case 'checked':
      return formOf(shape.item);
    default:
      return null;
  }
};

/** A part in a diagram of its own; names in it begin anew. */
const part = (path: string, shape: Shape): readonly Diagram[] => {
  const { elements, parts } = draw('', shape, path);
  return [{ title: path, elements }, ...parts];
};

const drawFields = (name: string, fields: readonly FieldShape[], path: string): Drawn =>
  joined(fields.map((f) => draw(under(name, f.name), f.shape, path)));

const drawList = (name: string, { item, reserved }: ShapeOf<'list'>, path: string): Drawn => {
  const head = [
    octets(`${name}: count`, 4),
    ...(reserved > 0 ? [octets('(reserved)', reserved)] : []),
  ];
  const form = formOf(item);
  if (form !== null) return only(...head, band(`${name}[]: count x ${form}`));
  return {
    elements: [...head, band(`${name}[]: count items, each as drawn below`)],
    parts: part(`${under(path, name)}[]`, item),
  };
};

const drawNullable = (name: string, { item }: ShapeOf<'nullable'>, path: string): Drawn => {
  const present = octets(`${lastOf(name)}?`, 1);
  const form = formOf(item);
  const when = `only if ${lastOf(name)}? is 1`;
  if (form !== null) return only(present, band(`${name}: ${form}; ${when}`));
  return {
    elements: [present, band(`${name}: as drawn below; ${when}`)],
    parts: part(under(path, name), item),
  };
};

const drawTagged = (name: string, { tag, cases }: ShapeOf<'tagged'>, path: string): Drawn => ({
  elements: [octets(tag, 1), band(`${name}: the fields of that ${tag}, as drawn below`)],
  parts: cases
    .filter((c) => c.fields.length > 0)
    .flatMap((c) => part(`${under(path, name)}(${c.name})`, { kind: 'struct', fields: c.fields })),
});

/** `name` is that of the field in the diagram in hand, `path` leads to that diagram. */
const draw = (name: string, shape: Shape, path: string): Drawn => {
  switch (shape.kind) {
    case 'number':
      return value(name, BYTES_OF[shape.type]);
    case 'bool':
    case 'enumeration':
    case 'flags':
      return value(name, 1);
    case 'struct':
      return drawFields(name, shape.fields, path);
    case 'checked':
      return draw(name, shape.item, path);
    case 'padded':
      return joined([draw(name, shape.item, path), only(octets('(reserved)', shape.reserved))]);
    case 'text':
      return only(octets(`${name}: length`, 2), band(`${name}: length octets of UTF-8`));
    case 'array':
      return only(octets(`${name}: count`, 4), band(`${name}: count x ${shape.item}`));
    case 'columns':
      return only(
        octets(`${name}: rows`, 4),
        ...shape.columns.map((c) => band(`${name}.${c.name}: rows x ${c.type}`)),
      );
    case 'list':
      return drawList(name, shape, path);
    case 'nullable':
      return drawNullable(name, shape, path);
    case 'tagged':
      return drawTagged(name, shape, path);
  }
};

/** The diagram of a body, and behind it those of its parts, outer before inner. */
export const diagramsOf = (shape: Shape): readonly Diagram[] => {
  const { elements, parts } = draw('', shape, '');
  return [{ title: null, elements }, ...parts];
};
