import type { JsonObject } from '../json.ts';

export const confirmationWords = ['injected', 'reverted'] as const;
export type ConfirmationWord = (typeof confirmationWords)[number];

/** What a person says of an injection that they make true and false by hand: once each, never changed. */
export interface Confirmation {
  readonly schemaVersion: 1;
  /** Of the injection. */
  readonly id: string;
  readonly word: ConfirmationWord;
  readonly by: string;
  /** ISO with ms, on their own clock. */
  readonly at: string;
}

/** What is kept of it as evidence: `confirmerOf` reads it again. */
export function evidenceOf({ by, at }: Confirmation): JsonObject {
  return { confirmedBy: by, confirmedAt: at };
}

/** Whose word an evidence is; null where something was measured. */
export function confirmerOf(evidence: JsonObject | undefined): string | null {
  const data = evidence?.['data'];
  const by = typeof data === 'object' && data !== null && 'confirmedBy' in data ? data.confirmedBy : null;
  return typeof by === 'string' ? by : null;
}
