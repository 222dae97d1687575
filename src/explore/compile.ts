/**
 * What was learned, as code: the trees of all events, written out over the
 * words of a packed state, so that no slot is unpacked and no tree is walked.
 * A case that was not known when the code was made is left to the trees.
 */

import type { CodeText } from './code.ts';
import type { Engine, Move } from './engine.ts';
import type { Layout } from './layout.ts';
import type { Branch, Memo } from './memo.ts';
import type { Part } from './part.ts';
import type { Plan } from './plans.ts';
import type { Question } from './predicates.ts';

/** A function of more code than this V8 does not optimise. */
const MAX_TEXT = 24_000;

/** An event of more cases is left to its tree. */
const MAX_CASES = 400;

/** Thrown if an event is not to be written out. */
const tooLarge = Symbol('too large');

/** What one event's code needs beside its text: tables, by name. */
type Needs = Map<string, unknown>;

export class Compiler {
  private readonly engine: Engine;
  private readonly layout: Layout;
  private readonly width: number;
  private cases = 0;
  private needs: Needs = new Map();

  constructor(engine: Engine, layout: Layout) {
    this.engine = engine;
    this.layout = layout;
    this.width = layout.keyWidth;
  }

  /** The text of code for these events, and for the invariants. */
  compile(events: Int32Array, invariants: readonly Question<boolean>[]): CodeText {
    const fill: CodeText['fill'][number][] = [];
    let text = '';
    const flush = () => {
      if (text !== '') fill.push(this.filler(text));
      text = '';
      this.needs = new Map();
    };
    for (const [slot, numbers] of this.groups(events)) {
      const needs = this.needs;
      this.needs = new Map(needs);
      const group = this.groupText(slot, numbers);
      if (text.length + group.length > MAX_TEXT && text !== '') {
        const added = this.needs;
        this.needs = needs;
        flush();
        this.needs = added;
      }
      text += group;
    }
    flush();
    return { fill, hash: this.hasher(), holds: this.checker(invariants) };
  }

  private groups(events: Int32Array): Map<number, number[]> {
    const bySlot = new Map<number, number[]>();
    for (const number of events) {
      const slot = this.engine.moves[number]?.root?.slot ?? -1;
      const group = bySlot.get(slot);
      if (group === undefined) bySlot.set(slot, [number]);
      else group.push(number);
    }
    return bySlot;
  }

  /** Events that test the same slot first are told apart by one look at it. */
  private groupText(slot: number, numbers: readonly number[]): string {
    const roots = numbers.map((n) => [n, (this.engine.moves[n] as Memo<Move>).root] as const);
    if (slot < 0) return roots.map(([n, root]) => this.eventText(n, root)).join('');
    const size = this.engine.slots.sizes[slot] as number;
    const cases: string[] = [];
    for (let id = 0; id < size; id++) {
      const body = roots.map(([n, root]) => this.eventText(n, root?.kids[id])).join('');
      cases.push(`case ${id}:${body}break;`);
    }
    const unknown = numbers.map((n) => miss(n)).join('');
    return `switch(${this.at(slot)}){${cases.join('')}default:${unknown}}\n`;
  }

  private eventText(number: number, root: Branch<Move> | undefined): string {
    const { cases, needs } = this;
    this.needs = new Map(needs);
    try {
      return this.moveText(number, root, cases);
    } catch (problem) {
      if (problem !== tooLarge) throw problem;
      this.cases = cases;
      this.needs = needs;
      return miss(number);
    }
  }

  private moveText(number: number, branch: Branch<Move> | undefined, since: number): string {
    if (branch === undefined) return miss(number);
    if (branch.slot >= 0) {
      const kids = branch.kids
        .map((kid, id) => [id, this.moveText(number, kid, since)] as const)
        .filter(([id]) => branch.kids[id] !== undefined);
      const cases = kids.map(([id, text]) => `case ${id}:${text}break;`).join('');
      return `switch(${this.at(branch.slot)}){${cases}default:${miss(number)}}`;
    }
    if (++this.cases - since > MAX_CASES) throw tooLarge;
    const move = branch.out as Move;
    if (move.kind === 'none') return '';
    if (move.kind === 'writes') return this.successor(this.written(move.writes));
    if (move.kind === 'plan' && move.plan?.assigns.length === 1) {
      return this.planText(number, move.plan);
    }
    return miss(number);
  }

  private planText(number: number, plan: Plan): string {
    const call = plan.assigns[0];
    if (call === undefined) return miss(number);
    const changed = this.written(Int32Array.from(plan.writes));
    let text = '';
    for (const part of this.engine.partsOf(call)) {
      const one = this.partText(number, part);
      if (one === undefined) return miss(number);
      text += one;
    }
    const all = [...Array(this.width).keys()];
    const start = all.map((i) => `a${i}=${changed.get(i) ?? `w${i}`};`).join('');
    const whole = new Map(all.map((i) => [i, `a${i}`]));
    return `e${number}:{${start}${text}${this.successor(whole)}}`;
  }

  /** Changes `a0`, `a1`, ... as a part of an assign does, or breaks off. */
  private partText(number: number, part: Part): string | undefined {
    const { table, memo } = part;
    if (part.plain) return undefined;
    if (table?.fits(this.engine.slots)) {
      const { bits, shifts } = table;
      const name = `t${this.needs.size}`;
      this.needs.set(name, table.places);
      const touched = new Set<number>();
      const ops = table.outs.map((writes) => this.layout.opsOf(Int32Array.from(writes)));
      for (const op of ops) for (let i = 0; i < op.length; i += 3) touched.add(op[i] as number);
      let text = `o=${name}[${this.indexText(table.reads, shifts, bits)}];`;
      text += `if(o===0||o>${ops.length}){${miss(number)}break e${number};}`;
      for (const word of touched) {
        const keep = Int32Array.from([-1, ...ops.map((op) => opAt(op, word, 1, -1))]);
        const set = Int32Array.from([0, ...ops.map((op) => opAt(op, word, 2, 0))]);
        this.needs.set(`k${name}${word}`, keep);
        this.needs.set(`s${name}${word}`, set);
        text += `a${word}=(a${word}&k${name}${word}[o])|s${name}${word}[o];`;
      }
      return text;
    }
    return this.treeText(number, memo.root, ({ writes, items }) =>
      [
        this.opsText(writes),
        ...items.map((one) => this.treeText(number, one.root, (out) => this.opsText(out))),
      ].join(''),
    );
  }

  /** The text of a tree's results, behind the tests that lead to them. */
  private treeText<Out>(
    number: number,
    branch: Branch<Out> | undefined,
    text: (out: Out) => string,
  ): string {
    const unknown = `${miss(number)}break e${number};`;
    if (branch === undefined) return unknown;
    if (branch.slot < 0) {
      if (++this.cases > 50 * MAX_CASES) throw tooLarge;
      return text(branch.out as Out);
    }
    const kids = branch.kids.map((kid) =>
      kid === undefined ? undefined : this.treeText(number, kid, text),
    );
    const [first] = kids;
    if (first !== undefined && kids.every((kid) => kid === first)) {
      // No more than what ids can be told apart: a value not seen yet is a case not seen.
      const most = this.layout.mask[branch.slot] as number;
      return kids.length === most + 1
        ? first
        : `if((${this.at(branch.slot)})>=${kids.length}){${unknown}}${first}`;
    }
    const cases = kids
      .map((kid, id) => (kid === undefined ? '' : `case ${id}:${kid}break;`))
      .join('');
    return `switch(${this.at(branch.slot)}){${cases}default:${unknown}}`;
  }

  private opsText(writes: readonly number[]): string {
    const ops = this.layout.opsOf(Int32Array.from(writes));
    let text = '';
    for (let i = 0; i < ops.length; i += 3) {
      text += `a${ops[i]}=(a${ops[i]}&${ops[i + 1]})|${ops[i + 2]};`;
    }
    return text;
  }

  /** The index of a table; slots that lie in a word as in the index are taken together. */
  private indexText(reads: readonly number[], shifts: Int32Array, bits: readonly number[]): string {
    const runs = new Map<string, number>();
    const { word, shift } = this.layout;
    for (const [i, slot] of reads.entries()) {
      const to = shifts[i] as number;
      const key = `${word[slot]},${(shift[slot] as number) - to}`;
      runs.set(key, (runs.get(key) ?? 0) | ((2 ** (bits[i] as number) - 1) << to));
    }
    const parts = [...runs].map(([key, mask]) => {
      const [at = 0, by = 0] = key.split(',').map(Number);
      return `(${by >= 0 ? `w${at}>>>${by}` : `w${at}<<${-by}`}&${mask})`;
    });
    return parts.length === 0 ? '0' : parts.join('|');
  }

  private successor(changed: ReadonlyMap<number, string>): string {
    const all = [...Array(this.width).keys()];
    const values = all.map((i) => changed.get(i) ?? `w${i}`);
    const moved = [...changed].map(([i, value]) => `${value}!==w${i}`).join('||');
    const puts = values.map((value, i) => `line[p${i === 0 ? '' : `+${i}`}]=${value};`).join('');
    if (moved === '') return 't++;';
    return `t++;if(${moved}){${puts}p+=${this.width};}`;
  }

  /** By word: what it becomes. */
  private written(writes: Int32Array): Map<number, string> {
    const ops = this.layout.opsOf(writes);
    const changed = new Map<number, string>();
    for (let i = 0; i < ops.length; i += 3) {
      changed.set(ops[i] as number, `(w${ops[i]}&${ops[i + 1]}|${ops[i + 2]})`);
    }
    return changed;
  }

  private at(slot: number): string {
    const { word, shift, mask } = this.layout;
    const { [slot]: by = 0 } = shift;
    return `${by === 0 ? `w${word[slot]}` : `w${word[slot]}>>>${by}`}&${mask[slot]}`;
  }

  private filler(text: string): CodeText['fill'][number] {
    const all = [...Array(this.width).keys()];
    const words = all.map((i) => `w${i}=words[base+${i}],a${i}=0`).join(',');
    const body = `return(words,base,line,p,missed,out)=>{
let m=out[0],t=out[1],o=0,${words};
${text}
out[0]=m;out[1]=t;return p;}`;
    return { text: body, names: [...this.needs.keys()], tables: [...this.needs.values()] };
  }

  private hasher(): string {
    const mix = [...Array(this.width).keys()].map(
      (i) => `h=Math.imul(h^line[p+${i}],0x85ebca6b);h^=h>>>15;`,
    );
    return `return(line,hashes,k,to)=>{
for(let p=k*${this.width};k<to;k++,p+=${this.width}){let h=0x9e3779b9|0;${mix.join('')}
h=Math.imul(h^(h>>>13),0xc2b2ae35);hashes[k]=h^(h>>>16);}}`;
  }

  private checker(invariants: readonly Question<boolean>[]): string {
    const words = [...Array(this.width).keys()].map((i) => `w${i}=words[base+${i}]`).join(',');
    const tests = invariants.map((question) => this.questionText(question.memo.root));
    const text = tests.every((one) => one.length < MAX_TEXT) ? tests.join('\n') : 'return 0;';
    return `return(words,base)=>{const ${words};\n${text}\nreturn 1;}`;
  }

  private questionText(branch: Branch<boolean> | undefined): string {
    if (branch === undefined) return 'return 0;';
    if (branch.slot < 0) return branch.out === true ? '' : 'return 0;';
    const cases = branch.kids
      .map((kid, id) => (kid === undefined ? '' : `case ${id}:${this.questionText(kid)}break;`))
      .join('');
    return `switch(${this.at(branch.slot)}){${cases}default:return 0;}`;
  }
}

function miss(number: number): string {
  return `missed[m++]=${number};`;
}

function opAt(ops: Int32Array, word: number, field: 1 | 2, otherwise: number): number {
  for (let i = 0; i < ops.length; i += 3) if (ops[i] === word) return ops[i + field] as number;
  return otherwise;
}
