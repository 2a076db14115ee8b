export interface Balance {
  /** How many sessions should be held now, of those that were planned. */
  readonly aim: number;
  /** Ended by somebody else: never opened again. */
  readonly lost: number;
  readonly held: number;
  /** Still free for ordinary roles. */
  readonly available: number;
  /** Always left to others. */
  readonly reserve: number;
}

/** How many sessions to open; negative: to give back. The reserve comes first, what was planned second. */
export function sessionsToOpen({ aim, lost, held, available, reserve }: Balance): number {
  const room = available - reserve;
  return Math.max(-held, Math.min(aim - lost - held, room));
}
