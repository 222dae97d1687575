/** Values as YAML: as much of it as a Kaitai description needs. */

type Scalar = string | number | boolean;
type Yaml = Scalar | YamlList | YamlMap;
type YamlList = readonly Yaml[];
export interface YamlMap {
  readonly [key: string]: Yaml;
}

/** Words that a reader of YAML would not take for a string. */
const SPECIAL = /^(true|false|yes|no|on|off|y|n|null|~)$/i;
const PLAIN = /^[A-Za-z_][\w ./-]*$/;

const text = (s: string): string =>
  PLAIN.test(s) && !SPECIAL.test(s) && !s.endsWith(' ') ? s : JSON.stringify(s);

/** Record types are known by their bits. */
const number = (n: number): string => (n < 0x10000 ? String(n) : `0x${n.toString(16)}`);

const key = (k: string): string => (/^\d+$/.test(k) ? number(Number(k)) : text(k));

const isMap = (value: Yaml): value is YamlMap => typeof value === 'object' && !Array.isArray(value);

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const scalar = (value: Scalar): string => {
  if (typeof value === 'string') return text(value);
  return typeof value === 'number' ? number(value) : String(value);
};

const entry = (name: string, value: Yaml): string[] => {
  if (typeof value === 'string' && value.endsWith('\n'))
    return [`${name}: |`, ...indented(value.slice(0, -1).split('\n'))];
  if (typeof value !== 'object') return [`${name}: ${scalar(value)}`];
  if (isMap(value)) return [`${name}:`, ...indented(mapLines(value))];
  return value.every((item) => typeof item !== 'object')
    ? [`${name}: [${value.map((item) => scalar(item as Scalar)).join(', ')}]`]
    : [`${name}:`, ...indented(value.flatMap(itemLines))];
};

const mapLines = (map: YamlMap): string[] =>
  Object.entries(map).flatMap(([k, value]) => entry(key(k), value));

const itemLines = (item: Yaml): string[] => {
  if (!isMap(item)) return [`- ${scalar(item as Scalar)}`];
  return mapLines(item).map((line, i) => `${i === 0 ? '- ' : '  '}${line}`);
};

/** A document: maps in blocks, lists of numbers and words in one line, paragraphs in blocks. */
export const yamlText = (map: YamlMap): string => `${mapLines(map).join('\n')}\n`;
