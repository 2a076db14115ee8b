import type pg from 'pg';
import type { SessionMode } from './occupy.ts';

/** What gets full: a server, the clients that a pooler takes, or the pooler's connections to a server. */
export type LayerName = 'server' | 'pooler-clients' | 'pooler-pool';

export type Limits = {
  readonly layer: LayerName;
  /** What it takes at most. */
  readonly maxConnections: number;
  /** Still free for ordinary roles. */
  readonly available: number;
};

/** Where sessions are held, and how they are counted and ended there. */
export interface Layer {
  limits(mode: SessionMode): Promise<Limits>;
  /** Under our name, as the layer sees it, whoever holds them. */
  count(): Promise<number>;
  open(): Promise<pg.Client>;
  end(sessions: readonly pg.Client[]): Promise<void>;
  /** Every session under our name that can be ended, among them those. */
  endAll(held: readonly pg.Client[]): Promise<number>;
  /** Resolves when what it looks through was ended, by whoever is there. */
  readonly cutOff: Promise<void>;
  /** What must always be left, whatever is asked. */
  readonly leastReserve: number;
}
