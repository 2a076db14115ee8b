import { Agent, request } from 'node:http';
import { Pace } from './pace.ts';
import { kindOf, minus, nothing, plus } from './tally.ts';
import type { Tally } from './tally.ts';

export interface Asked {
  /** The Service's name, as `Host`. */
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly timeoutMs: number;
}
export interface Address {
  readonly address: string;
  readonly port: number;
}

const tickMs = 10;
/** A target that does not answer holds requests up to their timeout: beyond this, this process would be what is measured. */
const mostUnderWay = 2000;

/**
 * Open-model load: requests go out when they are due, also while earlier ones wait, as those of many users do. A generator that waits for
 * answers sends less the slower its target is, and hides what is looked for.
 */
export class TrafficSource {
  readonly #asked: Asked;
  readonly #pace = new Pace(performance.now());
  readonly #agent = new Agent({ keepAlive: true });
  #addresses: readonly Address[] = [];
  #next = 0;
  #underWay = 0;
  #all: Tally = nothing;
  #secondAgo: Tally = nothing;
  #lastSecond: Tally = nothing;
  #aim = 0;

  constructor(asked: Asked) {
    this.#asked = asked;
    setInterval(() => this.#tick(), tickMs);
    setInterval(() => {
      this.#lastSecond = minus(this.#all, this.#secondAgo);
      this.#secondAgo = this.#all;
    }, 1000);
  }

  /** Without addresses nothing is sent. */
  aim(perSecond: number, addresses: readonly Address[]): void {
    this.#addresses = addresses;
    this.#aim = perSecond;
    this.#pace.set(addresses.length === 0 ? 0 : perSecond, performance.now());
  }

  get counts(): { readonly aim: number; readonly all: Tally; readonly lastSecond: Tally; readonly addresses: number } {
    return { aim: this.#aim, all: this.#all, lastSecond: this.#lastSecond, addresses: this.#addresses.length };
  }

  #tick(): void {
    const due = this.#pace.take(performance.now());
    const room = Math.max(0, Math.min(due, mostUnderWay - this.#underWay));
    for (let sent = 0; sent < room; sent += 1) this.#send();
    if (due > room) this.#count('unsent', due - room);
  }

  /** To one address after the other. */
  #send(): void {
    const { host, method, path, body, timeoutMs } = this.#asked;
    const to = this.#addresses[(this.#next += 1) % this.#addresses.length];
    if (to === undefined) return;
    this.#underWay += 1;
    this.#count('sent');
    let over = false;
    const end = (kind: keyof Tally): void => {
      if (over) return;
      over = true;
      this.#underWay -= 1;
      this.#count(kind);
    };
    const headers = { host, ...(body === null ? {} : { 'content-type': 'application/json' }) };
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request({ host: to.address, port: to.port, method, path, headers, agent: this.#agent, signal });
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => end(kindOf(response.statusCode ?? 0)));
      response.on('error', () => end(signal.aborted ? 'timedOut' : 'unanswered'));
    });
    sent.on('error', () => end(signal.aborted ? 'timedOut' : 'unanswered'));
    sent.end(body ?? undefined);
  }

  #count(kind: keyof Tally, count = 1): void {
    this.#all = plus(this.#all, kind, count);
  }
}
