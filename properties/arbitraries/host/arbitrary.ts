/** Random hosts for fast-check, with a shrinker that knows what a host is made of. */
import fc from 'fast-check';
import type { Host } from '../../../src/host/host.ts';
import { buildPlan } from './build.ts';
import { describePlan } from './describe.ts';
import { type HostPlan, objectsOf } from './plan.ts';
import { type HostOptions, planner } from './random-plan.ts';
import { smallerPlans } from './shrink.ts';

/** A host and the plan that it was built from; built when first asked for. */
export class RandomHost {
  readonly plan: HostPlan;
  #host: Host | null = null;

  constructor(plan: HostPlan) {
    this.plan = plan;
  }

  get host(): Host {
    this.#host ??= buildPlan(this.plan);
    return this.#host;
  }

  /** Domains and parts. */
  get objects(): number {
    return objectsOf(this.plan);
  }

  /** One line an object, at most 75 columns. */
  describe(): readonly string[] {
    return describePlan(this.plan);
  }

  [fc.toStringMethod](): string {
    return `\n  ${this.describe().join('\n  ')}\n`;
  }
}

class HostArbitrary extends fc.Arbitrary<RandomHost> {
  readonly #draw: (r: fc.Random) => HostPlan;

  constructor(options: HostOptions) {
    super();
    this.#draw = planner(options);
  }

  // Bias would mean few domains and parts most of the time, which say little.
  override generate(r: fc.Random): fc.Value<RandomHost> {
    return new fc.Value(new RandomHost(this.#draw(r)), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is RandomHost {
    return value instanceof RandomHost;
  }

  override shrink(value: RandomHost): fc.Stream<fc.Value<RandomHost>> {
    return fc
      .stream(smallerPlans(value.plan))
      .map((plan) => new fc.Value(new RandomHost(plan), undefined));
  }
}

/** Whole consistent hosts. Shrinks to few domains and few parts; see `smallerPlans`. */
export const hostArbitrary = (options: HostOptions = {}): fc.Arbitrary<RandomHost> =>
  new HostArbitrary(options);
