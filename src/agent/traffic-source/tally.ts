/** What became of requests. `limited`: answered with 429. `unsent`: due, and not sent, for too many were under way. */
export type Tally = {
  readonly sent: number;
  readonly ok: number;
  readonly limited: number;
  readonly refused: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly unanswered: number;
  readonly unsent: number;
};

export const nothing: Tally = {
  sent: 0,
  ok: 0,
  limited: 0,
  refused: 0,
  failed: 0,
  timedOut: 0,
  unanswered: 0,
  unsent: 0,
};

/** `refused`: another 4xx. `failed`: 5xx. */
export function kindOf(status: number): 'ok' | 'limited' | 'refused' | 'failed' {
  if (status === 429) return 'limited';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'ok';
}

export function plus(one: Tally, kind: keyof Tally, count = 1): Tally {
  return { ...one, [kind]: one[kind] + count };
}

export function minus(one: Tally, other: Tally): Tally {
  const keys = Object.keys(nothing) as (keyof Tally)[];
  return keys.reduce<Tally>((sum, key) => ({ ...sum, [key]: one[key] - other[key] }), nothing);
}
