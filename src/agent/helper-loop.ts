import { createInterface } from 'node:readline';
import { isAppError, messageOf } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';

/**
 * A helper's side of the pipe to its agent: JSON lines in, one answer each. The first message brings `config`.
 * When the pipe closes, for whatever reason, the agent is gone or done with us, and so are we, once `beforeEnd` is done.
 * `Config`, `Message`: what the agent of the same version sends; nobody else holds the pipe's other end.
 */
export function serveHelper<Config = JsonObject, Message = JsonObject>(
  start: (config: Config) => Promise<(message: Message) => Promise<JsonObject>>,
  beforeEnd: () => Promise<void> = async () => {},
): void {
  let handle: ((message: Message) => Promise<JsonObject>) | null = null;
  const answerTo = async (message: JsonObject): Promise<JsonObject> => {
    if (handle !== null) return handle(message as Message);
    handle = await start(message['config'] as Config);
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
