import type { JsonObject } from '../../domain/json.ts';

/** The way to one helper, whatever carries it. When its agent is gone, in whatever way, the helper ends too. */
export interface HelperWay {
  /** What is sent to one that is gone is lost: `ended` tells. */
  send(message: JsonObject): void;
  /** Every message of it from now on. */
  onMessage(listener: (message: JsonObject) => void): void;
  /**
   * Lets go of it: it ends by itself, or is ended. Resolves when it is gone, and may be asked again. Errors: `upstream/unreachable`
   * when its end was not seen.
   */
  end(): Promise<void>;
  /** It is gone; with what it said last, for people. */
  readonly ended: Promise<string>;
}

/** How long a helper may take to end once it was let go of; then it is killed. */
export const graceMs = 2000;
