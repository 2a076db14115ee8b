import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Toxic } from './toxic-params.ts';

export type ExistingConnections = 'slow' | 'keep' | 'reset';

/** The relay drops a toxic that was not refreshed for this long: a dead or frozen agent leaves nothing behind. */
export const ttlMs = 2000;

const relayState = z.object({
  id: z.string().nullable(),
  remainingMs: z.number().nullable(),
  connections: z.number(),
  accepted: z.number(),
});
export type RelayState = z.infer<typeof relayState>;

export interface EchoQuestion {
  readonly timeoutMs: number;
  readonly bytes?: number;
  readonly connections?: number;
  readonly stayMs?: number;
}

export interface EchoAnswer {
  readonly elapsedMs: number | null;
  readonly resets: number;
}

const echoAnswer = z.object({ elapsedMs: z.number().nullable(), resets: z.number() });

/** A relay's language, spoken by whatever carries it: a control socket, or a helper's pipe. */
export class RelayClient {
  readonly #id: string;
  readonly #ask: (message: JsonObject, timeoutMs: number) => Promise<JsonObject>;

  constructor(injectionId: string, ask: (message: JsonObject, timeoutMs: number) => Promise<JsonObject>) {
    this.#id = injectionId;
    this.#ask = ask;
  }

  /** null when no relay runs. */
  async state(): Promise<RelayState | null> {
    const answer = await this.#askOrNull({ op: 'get' }, 1000);
    return answer === null ? null : relayState.parse(answer);
  }

  /** Errors: `claim/taken` when another injection holds the link. */
  async set(toxic: Toxic, connections: ExistingConnections, place: string): Promise<void> {
    const answer = await this.#ask({ op: 'set', id: this.#id, toxic: { ...toxic }, ttlMs, connections }, 1000);
    if (answer['ok'] === true) return;
    throw new AppError('claim/taken', `${place} is ${String(answer['error'])}. Wait for it, or revert that injection`);
  }

  async refresh(): Promise<boolean> {
    return (await this.#ask({ op: 'refresh', id: this.#id, ttlMs }, 1000))['ok'] === true;
  }

  /** What still waits passes at once. */
  async clear(connections: 'keep' | 'reset'): Promise<void> {
    await this.#askOrNull({ op: 'clear', id: this.#id, connections }, 1000);
  }

  async echo({ timeoutMs, bytes = 1, connections = 1, stayMs = 0 }: EchoQuestion): Promise<EchoAnswer | null> {
    const answer = await this.#askOrNull({ op: 'probe', timeoutMs, bytes, connections, stayMs }, timeoutMs + 1000);
    return answer === null ? null : echoAnswer.parse(answer);
  }

  async #askOrNull(message: JsonObject, timeoutMs: number): Promise<JsonObject | null> {
    try {
      return await this.#ask(message, timeoutMs);
    } catch (error) {
      if (isAppError(error) && (error.code === 'part/missing' || error.code === 'part/died')) return null;
      throw error;
    }
  }
}
