/**
 * Which record may stand where: the frame of a stream (version, globals,
 * one block for each domain, END) and the prerequisites that the records
 * declare. Writer and reader use the same judge, so nothing can be written
 * that would be refused.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Domid } from '../../host/ids.ts';
import { definitionOf, RECORD_NAMES } from './registry.ts';
import type { RecordName } from './types.ts';

export type OrderErrorKind =
  /** At a place where no such record may stand. */
  | 'misplaced'
  /** A second one, or a second one for the same vCPU or domain. */
  | 'duplicate'
  /** A record that must have come before has not. */
  | 'prerequisite'
  /** A record comes after one that it must precede. */
  | 'late'
  /** A vCPU out of turn (F2.4). */
  | 'vcpu-order'
  /** A record that must exist does not. */
  | 'missing';

export interface OrderError {
  readonly kind: OrderErrorKind;
  readonly record: RecordName;
  /** The block in which it happened; null outside all domains. */
  readonly domid: Domid | null;
  readonly detail: string;
  readonly sources: readonly string[];
}

/** Where a record stands and what it says of itself. */
export interface Placed {
  readonly name: RecordName;
  /** Of a DOMAIN record. */
  readonly domid?: Domid;
  /** Of a record that stands once for each vCPU. */
  readonly vcpu?: number;
}

const ALWAYS: Readonly<Record<'global' | 'domain', readonly RecordName[]>> = {
  global: RECORD_NAMES.filter((n) => isAlways(n, 'global')),
  domain: RECORD_NAMES.filter((n) => isAlways(n, 'domain')),
};

function isAlways(name: RecordName, scope: string): boolean {
  const { scope: own, presence } = definitionOf(name);
  return own === scope && presence === 'always';
}

/** For each record, those that must not have come yet because they follow it. */
const FOLLOWERS: ReadonlyMap<RecordName, readonly RecordName[]> = new Map(
  RECORD_NAMES.map((name) => [
    name,
    RECORD_NAMES.filter((other) => definitionOf(other).follows.includes(name)),
  ]),
);

/** Judges records one by one, in the order of the stream. */
export class StreamOrder {
  readonly #globals = new Set<RecordName>();
  readonly #domids = new Set<Domid>();
  #block: { readonly domid: Domid; readonly seen: Set<RecordName> } | null = null;
  #vcpus: Map<RecordName, number> = new Map();
  #ended = false;

  /** The domain whose block is open, or null. */
  get domid(): Domid | null {
    return this.#block?.domid ?? null;
  }

  /** True once END has been seen. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes the next record, or says why it may not stand here; then nothing has changed. */
  see(placed: Placed): E.Either<OrderError, void> {
    const { name } = placed;
    const { scope } = definitionOf(name);
    if (this.#ended) return this.#wrong('misplaced', name, 'behind END', ['F10.5']);
    if (this.#globals.size === 0 && name !== 'LU_VERSION')
      return this.#wrong('misplaced', name, 'before LU_VERSION', ['F1.13']);
    if (name === 'END') return this.#end();
    if (name === 'END_OF_DOMAIN') return this.#endOfDomain();
    return scope === 'global' ? this.#global(name) : this.#inDomain(placed);
  }

  #wrong(
    kind: OrderErrorKind,
    record: RecordName,
    detail: string,
    sources: readonly string[],
  ): E.Either<OrderError, never> {
    return E.left({ kind, record, domid: this.domid, detail, sources });
  }

  #global(name: RecordName): E.Either<OrderError, void> {
    if (this.#block !== null || this.#domids.size > 0)
      return this.#wrong('misplaced', name, 'a system-wide record after a domain', [
        'section 11 rule 3',
      ]);
    return this.#once(name, this.#globals);
  }

  #inDomain(placed: Placed): E.Either<OrderError, void> {
    const { name, domid, vcpu } = placed;
    if (name === 'DOMAIN' && domid !== undefined) return this.#open(domid);
    if (this.#block === null)
      return this.#wrong('misplaced', name, "outside a domain's block", ['R17']);
    return vcpu === undefined
      ? this.#once(name, this.#block.seen)
      : this.#vcpu(name, vcpu, this.#block.seen);
  }

  #open(domid: Domid): E.Either<OrderError, void> {
    if (this.#block !== null)
      return this.#wrong('misplaced', 'DOMAIN', `d${domid} inside a block`, ['R17']);
    const missing = ALWAYS.global.find((n) => !this.#globals.has(n));
    if (missing !== undefined)
      return this.#wrong('missing', missing, 'not before the first domain', ['section 11 rule 3']);
    if (this.#domids.has(domid))
      return this.#wrong('duplicate', 'DOMAIN', `d${domid} a second time`, ['R17']);
    this.#domids.add(domid);
    this.#block = { domid, seen: new Set(['DOMAIN']) };
    this.#vcpus = new Map();
    return E.right(undefined);
  }

  /** Prerequisites, then the record itself. */
  #once(name: RecordName, seen: Set<RecordName>): E.Either<OrderError, void> {
    if (seen.has(name)) return this.#wrong('duplicate', name, 'a second one', ['F10.5']);
    return this.#place(name, seen);
  }

  #place(name: RecordName, seen: Set<RecordName>): E.Either<OrderError, void> {
    const { needs, orderSources } = definitionOf(name);
    const lacking = needs.find((n) => !seen.has(n));
    if (lacking !== undefined)
      return this.#wrong('prerequisite', name, `without ${lacking} before it`, orderSources);
    const ahead = FOLLOWERS.get(name)?.find((n) => seen.has(n));
    if (ahead !== undefined)
      return this.#wrong('late', name, `after ${ahead}`, definitionOf(ahead).orderSources);
    seen.add(name);
    return E.right(undefined);
  }

  /** vCPUs themselves come as 0, 1, 2 ...; what belongs to them ascends and has its vCPU. */
  #vcpu(name: RecordName, vcpu: number, seen: Set<RecordName>): E.Either<OrderError, void> {
    const last = this.#vcpus.get(name) ?? -1;
    if (vcpu === last) return this.#wrong('duplicate', name, `vCPU ${vcpu} again`, ['F2.4']);
    const made = this.#vcpus.get('VCPU') ?? -1;
    if (name === 'VCPU' ? vcpu !== last + 1 : vcpu < last)
      return this.#wrong('vcpu-order', name, `vCPU ${vcpu} after ${last}`, ['F2.4']);
    if (name !== 'VCPU' && vcpu > made)
      return this.#wrong('prerequisite', name, `of vCPU ${vcpu}, which has no VCPU`, ['F2.4']);
    const placed = this.#place(name, seen);
    if (E.isRight(placed)) this.#vcpus.set(name, vcpu);
    return placed;
  }

  #endOfDomain(): E.Either<OrderError, void> {
    const block = this.#block;
    if (block === null)
      return this.#wrong('misplaced', 'END_OF_DOMAIN', 'without a block', ['R17']);
    const missing = ALWAYS.domain.find((n) => !block.seen.has(n));
    if (missing !== undefined)
      return this.#wrong('missing', missing, "not in the domain's block", ['R17']);
    this.#block = null;
    return E.right(undefined);
  }

  #end(): E.Either<OrderError, void> {
    if (this.#block !== null)
      return this.#wrong('misplaced', 'END', "inside a domain's block", ['F10.5']);
    const missing = ALWAYS.global.find((n) => !this.#globals.has(n));
    if (missing !== undefined) return this.#wrong('missing', missing, 'not before END', ['F1.13']);
    this.#ended = true;
    return E.right(undefined);
  }
}
