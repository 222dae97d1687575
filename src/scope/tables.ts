/**
 * What one or several searches have learned of a model's functions, and the
 * parts of worlds that they met. Searches of other designs, and of the same
 * scope once more, begin with what is known.
 */
import { Atoms } from './atoms.ts';
import { type Packed, Packer } from './packed-world.ts';
import { Remembered } from './remembered.ts';

const POLICY = 'design.policies.';
const RULE = 'design.dropped.';

export class Tables {
  readonly atoms = new Atoms();
  readonly packer = new Packer(this.atoms);
  readonly #functions = new Map<string, Remembered<unknown>>();
  readonly #read = new Set<string>();

  /**
   * What `run` gives for a record: once for each case that it can tell apart.
   *
   * @param name of the function and of all that it knows beside the record
   */
  of<Out>(name: string, packed: Packed, run: (record: Packed) => Out): Out {
    let cases = this.#functions.get(name);
    if (cases === undefined) {
      cases = new Remembered<unknown>((field) => this.#read.add(field));
      this.#functions.set(name, cases);
    }
    return cases.of(packed, run) as Out;
  }

  /** Questions and rules that anything learned here has asked the design about. */
  get asked(): readonly string[] {
    return [...this.#read]
      .filter((field) => field.startsWith(POLICY) || field.startsWith(RULE))
      .map((field) => field.slice(field.lastIndexOf('.') + 1))
      .sort();
  }
}
