import { readQuestion, refusalOf } from './message.ts';

/** What is done to questions for these names. */
export interface Rule {
  readonly answer: 'nxdomain' | 'servfail' | 'timeout' | 'latency';
  /** Of `latency`: how much later an answer passes. */
  readonly delayMs: number;
  /** In lower case, without a last dot; `*` stands for any characters. */
  readonly names: readonly string[];
}

/** `pass` after so many ms; null: never. */
export type Verdict = { readonly reply: Buffer } | { readonly passAfterMs: number } | null;

/** One rule at a time; one that nobody refreshes ends by itself. */
export class HeldRule {
  #held: { readonly rule: Rule; readonly names: readonly RegExp[]; readonly expiresAt: number } | null = null;
  #asked = 0;
  #matched = 0;

  /** How many questions came, and how many of them the rule was for. */
  get counts(): { readonly asked: number; readonly matched: number } {
    return { asked: this.#asked, matched: this.#matched };
  }

  get isHeld(): boolean {
    return this.#held !== null && this.#held.expiresAt > performance.now();
  }

  set(rule: Rule, ttlMs: number): void {
    this.#held = { rule, names: rule.names.map(patternOf), expiresAt: performance.now() + ttlMs };
  }

  /** False when it has ended: it is never brought back. */
  refresh(ttlMs: number): boolean {
    if (this.#held === null || !this.isHeld) return false;
    this.#held = { ...this.#held, expiresAt: performance.now() + ttlMs };
    return true;
  }

  end(): void {
    this.#held = null;
  }

  /** What becomes of this question. */
  judge(message: Buffer): Verdict {
    this.#asked += 1;
    const question = readQuestion(message);
    if (this.#held === null || !this.isHeld || question === null) return { passAfterMs: 0 };
    const { rule, names } = this.#held;
    if (!names.some((name) => name.test(question.name))) return { passAfterMs: 0 };
    this.#matched += 1;
    switch (rule.answer) {
      case 'timeout':
        return null;
      case 'latency':
        return { passAfterMs: rule.delayMs };
      default:
        return { reply: refusalOf(question, rule.answer) };
    }
  }
}

function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
