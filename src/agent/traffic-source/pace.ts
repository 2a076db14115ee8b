/** When requests are due: so many per second, whatever becomes of those before them. */
export class Pace {
  #perSecond = 0;
  #owed = 0;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** From now on. `now` in milliseconds. */
  set(perSecond: number, now: number): void {
    this.#accrue(now);
    this.#perSecond = perSecond;
  }

  /** How many are due now, and no longer after it. What was missed for more than a second is not made up for: it would be a burst. */
  take(now: number): number {
    this.#accrue(now);
    const due = Math.floor(this.#owed);
    this.#owed -= due;
    return due;
  }

  #accrue(now: number): void {
    const seconds = Math.min(1, (now - this.#at) / 1000);
    this.#at = now;
    this.#owed += seconds * this.#perSecond;
  }
}
