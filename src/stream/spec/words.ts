/** What a field may hold, in words. */
import { hex } from '../framing/errors.ts';
import type { Limits, Shape } from '../schema/shape.ts';

const number = (n: number): string => (n < 0x10000 ? String(n) : hex(n));

const limits = (l: Limits | null): string => {
  if (l === null) return '';
  return 'oneOf' in l ? `: ${l.rule}` : `: ${l.rule}, at most ${number(l.max)}`;
};

const names = (numbers: Readonly<Record<string, number>>): string =>
  Object.entries(numbers)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ');

/** For example `u16: a domid, at most 32767`. */
export const inWords = (shape: Shape): string => {
  switch (shape.kind) {
    case 'number':
      return `${shape.type}${limits(shape.limits)}`;
    case 'bool':
      return 'u8: 0 no, 1 yes';
    case 'enumeration':
      return `u8: ${names(shape.numbers)}`;
    case 'flags':
      return `u8: bits ${names(shape.bits)}; others 0`;
    case 'text':
      return `u16 length, then UTF-8 of at most ${shape.maxBytes} octets`;
    case 'array':
      return `u32 count, then count x ${shape.item}`;
    case 'columns':
      return `u32 rows, then ${shape.columns.map((c) => `rows x ${c.type} ${c.name}`).join(', ')}`;
    case 'list': {
      const order = shape.ascending === null ? '' : `, ascending by ${shape.ascending}`;
      const reserved = shape.reserved === 0 ? '' : `, ${shape.reserved} reserved octets`;
      return `u32 count${reserved}, then the items${order}`;
    }
    case 'nullable':
      return 'u8: 0 absent, 1 follows';
    case 'tagged':
      return `u8 ${shape.tag}: ${names(
        Object.fromEntries(shape.cases.map((c) => [c.name, c.number])),
      )}`;
    case 'padded':
      return '0, ignored by a reader';
    case 'struct':
      return 'the fields below';
    case 'checked':
      return inWords(shape.item);
  }
};
