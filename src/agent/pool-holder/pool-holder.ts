import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { messageOf } from '../../domain/errors.ts';
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
/** A server that ends all its sessions ends them one after the other. */
const endsHeardMs = 500;

/** Holds real sessions of a PostgreSQL server or of its pooler, all under one application name, and counts and ends only those. */
export class PoolHolder {
  readonly #layer: Layer;
  readonly #reserve: number;
  readonly #held = new Set<pg.Client>();
  #mode: SessionMode = 'idle';
  #aim = 0;
  #lost = 0;
  #balancing: Promise<void> = Promise.resolve();
  #keeping: NodeJS.Timeout | null = null;
  #isBlind = false;

  private constructor(layer: Layer, reserve: number) {
    this.#layer = layer;
    this.#reserve = Math.max(reserve, layer.leastReserve);
    void layer.cutOff.then(() => this.#giveUp('what it looked through was ended'));
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

  /** Under our name, whoever holds them; of who holds some and has lost its sight, those whose end it has not heard. */
  async count(): Promise<number> {
    return this.#isBlind && this.#aim > 0 ? this.#held.size : this.#layer.count();
  }

  /** Opens and gives back until that many are held, as far as the reserve allows; from then on it is kept so. */
  async hold(sessions: number, mode: SessionMode): Promise<Holding> {
    this.#aim = sessions;
    this.#mode = mode;
    await this.#balance();
    this.#keeping ??= setInterval(() => void this.#balance().catch((error: unknown) => this.#giveUp(error)), balanceEveryMs);
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

  /**
   * Without what we look through nobody keeps the reserve, so nothing may be held. Whoever ended the sessions too has lifted the
   * fault, and that is told; where they were not ended, they end with us, and nobody has.
   */
  async #giveUp(problem: unknown): Promise<void> {
    if (this.#keeping !== null) clearInterval(this.#keeping);
    this.#isBlind = true;
    for (const until = performance.now() + endsHeardMs; this.#held.size > 0 && performance.now() < until;) await sleep(10);
    if (this.#held.size === 0) return;
    console.error(`the reserve could not be looked after: ${messageOf(problem)}`);
    process.exit(1);
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
    if (this.#isBlind) return session.end();
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
