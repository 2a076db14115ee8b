import type pg from 'pg';
import { sessionsToOpen } from './balance.ts';
import type { Layer, Limits } from './layer.ts';
import { poolerLayer } from './pooler-layer.ts';
import { serverLayer } from './server-layer.ts';
import { isPooled, openSession, settle } from '../postgres/session.ts';
import { occupy, type SessionMode } from './occupy.ts';

export type Holding = {
  readonly aim: number;
  readonly held: number;
  /** Ended by somebody else. */
  readonly lost: number;
};

const openAtOnce = 10;
/** Others come and go: how often the reserve is looked after. */
const balanceEveryMs = 200;

/** Holds real sessions of a PostgreSQL server or of its pooler, all under one application name, and counts and ends only those. */
export class PoolHolder {
  readonly #layer: Layer;
  readonly #reserve: number;
  readonly #held = new Set<pg.Client>();
  #mode: SessionMode = 'idle';
  #aim = 0;
  #lost = 0;
  #balancing: Promise<void> = Promise.resolve();
  #isKept = false;

  private constructor(layer: Layer, reserve: number) {
    this.#layer = layer;
    this.#reserve = Math.max(reserve, layer.leastReserve);
  }

  /** Opens the observer first: when every slot is taken it is still there to count and to end. */
  static async connect(connection: string, applicationName: string, reserve: number): Promise<PoolHolder> {
    const observer = await openSession(connection);
    if (await isPooled(observer)) return new PoolHolder(await poolerLayer(observer, connection, applicationName), reserve);
    return new PoolHolder(serverLayer(await settle(observer, 'firedrill-observer'), connection, applicationName), reserve);
  }

  /** `reserve`: what is always left. */
  async limits(mode: SessionMode): Promise<Limits & { readonly reserve: number }> {
    return { ...(await this.#layer.limits(mode)), reserve: this.#reserve };
  }

  count(): Promise<number> {
    return this.#layer.count();
  }

  /** Opens and gives back until that many are held, as far as the reserve allows; from then on it is kept so. */
  async hold(sessions: number, mode: SessionMode): Promise<Holding> {
    this.#aim = sessions;
    this.#mode = mode;
    await this.#balance();
    // Without the observer nobody keeps the reserve: then nothing may be held either.
    if (!this.#isKept) setInterval(() => void this.#balance().catch(() => process.exit(1)), balanceEveryMs);
    this.#isKept = true;
    return this.holding;
  }

  get holding(): Holding {
    return { aim: this.#aim, held: this.#held.size, lost: this.#lost };
  }

  /** Ends every session under our name, and takes none again. */
  async terminate(): Promise<number> {
    this.#aim = 0;
    await this.#balancing;
    const held = [...this.#held];
    this.#held.clear();
    return this.#layer.endAll(held);
  }

  /** One after the other: two at once would both take the same room. */
  #balance(): Promise<void> {
    this.#balancing = this.#balancing.then(() => this.#balanceOnce());
    return this.#balancing;
  }

  async #balanceOnce(): Promise<void> {
    const { available } = await this.#layer.limits(this.#mode);
    const change = sessionsToOpen({ ...this.holding, available, reserve: this.#reserve });
    if (change > 0) await this.#open(change);
    if (change < 0) await this.#giveBack(-change);
  }

  async #open(count: number): Promise<void> {
    for (let left = count; left > 0; left -= openAtOnce) {
      const batch = Array.from({ length: Math.min(openAtOnce, left) }, () => this.#openOne());
      const results = await Promise.allSettled(batch);
      // Refused: others were faster. The next round counts again.
      if (results.some((result) => result.status === 'rejected')) return;
    }
  }

  async #openOne(): Promise<void> {
    const session = await this.#layer.open();
    this.#held.add(session);
    session.once('end', () => {
      if (this.#held.delete(session)) this.#lost += 1;
    });
    await occupy(session, this.#mode);
  }

  /** The newest first. */
  async #giveBack(count: number): Promise<void> {
    const sessions = [...this.#held].slice(-count);
    for (const session of sessions) this.#held.delete(session);
    await this.#layer.end(sessions);
  }
}
