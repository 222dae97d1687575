/**
 * Golden vectors: hosts, the streams that they become, and the hosts that
 * become of those, for whoever implements save or restore elsewhere. Made by
 * the update itself, so they say what the model does and not what somebody
 * wrote down.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, defaultDesign } from '../design/design.ts';
import { versionOf } from '../design/versions.ts';
import { type Host, HostCodec } from '../host/host.ts';
import { saveStream } from '../liveupdate/save/index.ts';
import { runUpdate } from '../trace/run-update.ts';
import { type VectorHost, vectorHosts } from './hosts.ts';

export interface GoldenVector {
  readonly name: string;
  readonly what: string;
  /** The host that is saved, as JSON (`HostCodec`). */
  readonly host: unknown;
  /** From image header to END, without the rest of its last page. */
  readonly stream: Uint8Array;
  /** The host when all its domains run again, as JSON. */
  readonly restored: unknown;
}

/** A vector that cannot be made: the model refused or failed the update. */
export interface VectorError {
  readonly name: string;
  readonly what: string;
}

/** A host's frame table is for reading only, which the codec's type does not know. */
const encoded = (host: Host): unknown =>
  HostCodec.encode(host as Parameters<typeof HostCodec.encode>[0]);

/** The design under which a vector is made. */
export const designOf = ({ policies }: VectorHost): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, ...policies },
});

const vectorOf = (vector: VectorHost): E.Either<VectorError, GoldenVector> => {
  const { name, what, host, to } = vector;
  const design = designOf(vector);
  const fail = (why: string): E.Either<VectorError, never> => E.left({ name, what: why });
  const from = versionOf(host.xen.build.version);
  if (from === null) return fail(`Xen ${host.xen.build.version} is not described`);
  const build = { ...host.xen.build, version: to };
  let last = host;
  const outcome = runUpdate({ host, from, build, commandLine: 'console=com1', design }, (step) => {
    last = step.host;
  });
  if (outcome.kind === 'refused') return fail(`refused: ${outcome.reasons.join('; ')}`);
  if (outcome.kind === 'crashed') return fail(`crashed: ${outcome.what}`);
  const stream = saveStream(outcome.saved, from, design);
  if (E.isLeft(stream)) return fail(stream.left.what);
  return E.right({
    name,
    what,
    host: encoded(host),
    stream: stream.right,
    restored: encoded(last),
  });
};

/** All vectors, the same at each call. Error: the first that the model does not carry through. */
export const goldenVectors = (): E.Either<VectorError, readonly GoldenVector[]> => {
  const vectors: GoldenVector[] = [];
  for (const host of vectorHosts()) {
    const vector = vectorOf(host);
    if (E.isLeft(vector)) return vector;
    vectors.push(vector.right);
  }
  return E.right(vectors);
};
