import { createInterface } from 'node:readline';
import { isAppError, messageOf } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';

/**
 * A helper's side of the pipe to its agent: JSON lines in, one answer each. The first message brings `config`.
 * When the pipe closes, for whatever reason, the agent is gone or done with us, and so are we, once `beforeEnd` is done.
 */
export function serveHelper(
  start: (config: JsonObject) => Promise<(message: JsonObject) => Promise<JsonObject>>,
  beforeEnd: () => Promise<void> = async () => {},
): void {
  let handle: ((message: JsonObject) => Promise<JsonObject>) | null = null;
  const answerTo = async (message: JsonObject): Promise<JsonObject> => {
    if (handle !== null) return handle(message);
    handle = await start(message['config'] as JsonObject);
    return { ready: true };
  };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', async (line) => {
    const { id, ...message } = JSON.parse(line) as JsonObject & { id: number };
    const answer = await answerTo(message).catch((error: unknown) => ({
      error: { code: isAppError(error) ? error.code : 'upstream/refused', message: messageOf(error) },
    }));
    process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`);
  });
  lines.on('close', () => void beforeEnd().finally(() => process.exit(0)));
}
