import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { locate } from './locator.ts';

const linkLocator = z.object({ listen: z.string(), control: z.string() });

const relayState = z.object({
  id: z.string().nullable(),
  remainingMs: z.number().nullable(),
  connections: z.number(),
});
export type RelayState = z.infer<typeof relayState>;

export type RelayToxic = { readonly delayMs: number; readonly jitterMs: number };

/** A link's relay, asked over its control socket. */
export class LinkRelay {
  readonly listen: string;
  readonly #control: string;
  readonly #context: FaultContext;

  constructor(context: FaultContext, target: TargetRef) {
    const { listen, control } = locate(linkLocator, target);
    this.listen = listen;
    this.#control = control;
    this.#context = context;
  }

  /** null when no relay runs: then nothing of ours is left in it either. */
  async state(): Promise<RelayState | null> {
    try {
      return relayState.parse(await this.#ask({ op: 'get' }));
    } catch (error) {
      if (isAppError(error) && error.code === 'part/missing') return null;
      throw error;
    }
  }

  /** Errors: `claim/taken` when another injection holds the link. */
  async set(toxic: RelayToxic, ttlMs: number, connections: string): Promise<void> {
    const answer = await this.#ask({ op: 'set', id: this.#context.injectionId, toxic: { ...toxic }, ttlMs, connections });
    if (answer['ok'] !== true) {
      throw new AppError(
        'claim/taken',
        `link ${this.listen} is ${String(answer['error'])}. Wait for it, or revert that injection`,
      );
    }
  }

  /** False when the relay does not hold it any more. */
  async refresh(ttlMs: number): Promise<boolean> {
    return (await this.#ask({ op: 'refresh', id: this.#context.injectionId, ttlMs }))['ok'] === true;
  }

  /** Connections stay open: what still waits in them passes at once. */
  async clear(): Promise<void> {
    try {
      await this.#ask({ op: 'clear', id: this.#context.injectionId, connections: 'keep' });
    } catch (error) {
      if (!(isAppError(error) && error.code === 'part/missing')) throw error;
    }
  }

  /** Through the relay to its own echo; null when nothing came back. */
  async echoMs(timeoutMs: number): Promise<number | null> {
    const answer = await this.#ask({ op: 'probe', timeoutMs }, timeoutMs + 1000);
    return typeof answer['elapsedMs'] === 'number' ? answer['elapsedMs'] : null;
  }

  #ask(message: JsonObject, timeoutMs = 1000): Promise<JsonObject> {
    return this.#context.host.askSocket(this.#control, message, timeoutMs);
  }
}
