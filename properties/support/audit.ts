/** Collects a verdict: counts what was looked at, keeps the first offenders, counts the rest. */
import type { Offender, Verdict } from '../invariant.ts';

/** Offenders that a verdict lists; more help nobody. */
export const MAX_OFFENDERS = 50;

export class Audit {
  private checked = 0;
  private unlisted = 0;
  private readonly offenders: Offender[] = [];

  /** `n` objects were looked at. */
  count(n = 1): void {
    this.checked += n;
  }

  /** One of them breaks the invariant. The text is made only if it will be kept. */
  offend(where: string | (() => string), what: string | (() => string)): void {
    if (this.offenders.length >= MAX_OFFENDERS) {
      this.unlisted++;
      return;
    }
    this.offenders.push({ where: textOf(where), what: textOf(what) });
  }

  verdict(): Verdict {
    return { checked: this.checked, offenders: this.offenders, unlisted: this.unlisted };
  }
}

const textOf = (text: string | (() => string)): string =>
  typeof text === 'string' ? text : text();
