import type { Readable, Writable } from 'node:stream';
import type { JsonObject } from '../../domain/json.ts';

/** More is no message of ours: whoever says it must not fill our memory. */
const longestLine = 2 ** 20;

export function writeMessage(stream: Writable, message: JsonObject): void {
  stream.write(`${JSON.stringify(message)}\n`);
}

/** JSON objects, one a line. null: something else was said, and nothing more is heard. */
export function readMessages(stream: Readable, listener: (message: JsonObject | null) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    const messages = lines.map(parsed);
    if (rest.length > longestLine) messages.push(null);
    for (const message of messages) {
      if (stream.destroyed) return;
      if (message === null) stream.destroy();
      listener(message);
    }
  });
}

function parsed(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
