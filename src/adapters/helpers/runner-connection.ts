import { once } from 'node:events';
import { createConnection } from 'node:net';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { HelperProcess, HostTools } from '../../faults/fault.ts';
import { converse } from './conversation.ts';
import { readMessages, writeMessage } from './message-lines.ts';
import { graceMs, type HelperWay } from './helper-way.ts';

/** The runner kills what does not end, and then says so. */
const endPatienceMs = graceMs + 2000;

/** One that lives answers in a few ms; how long it may take before it is said to stand still. */
const answerMs = 1000;

/** Whether a runner answers there: it takes a connection, and ends one that is let go of before it named a helper. */
export function runnerAnswers(socket: string): Promise<boolean> {
  const connection = createConnection(socket);
  const answered = new Promise<boolean>((resolve) => connection.once('close', (failed) => resolve(!failed)));
  const timer = setTimeout(() => connection.destroy(new Error('the runner stands still')), answerMs);
  connection.on('error', () => {}); // `close` follows
  connection.resume().end();
  return answered.finally(() => clearTimeout(timer));
}

/** Helpers that a runner starts for us, which listens there. Errors: as `connectHelper`, and `part/died`. */
export function helpersOfRunner(socket: string): HostTools['startHelper'] {
  return async (name, config): Promise<HelperProcess> => converse(name, await connectHelper(socket, name), config);
}

/**
 * A connection to the runner is a helper: the first message names it, and it ends when the connection does. Errors:
 * `upstream/unreachable` while no runner is there. Never `part/missing`: that is what a helper says of its target.
 */
export async function connectHelper(socket: string, name: string): Promise<HelperWay> {
  const connection = createConnection(socket);
  try {
    await once(connection, 'connect');
  } catch (cause) {
    throw new AppError(
      'upstream/unreachable',
      `no helper can be started: the runner takes no connection (${messageOf(cause)}). Its container is started again by itself; see its log`,
      { cause },
    );
  }
  let lastWords = 'its runner has ended';
  connection.on('error', () => {}); // `close` follows
  const ended = new Promise<string>((resolve) => connection.once('close', () => resolve(lastWords)));
  writeMessage(connection, { helper: name });
  return {
    send: (message) => writeMessage(connection, message),
    onMessage: (listener) =>
      readMessages(connection, (message) => {
        const words = message === null ? 'the runner said what is no message' : message['ended'];
        if (message !== null && typeof words !== 'string') return listener(message);
        lastWords = String(words);
      }),
    async end() {
      connection.end();
      if (await within(endPatienceMs, ended)) return;
      throw new AppError(
        'upstream/unreachable',
        `helper ${name} was let go of, and its end was not seen in ${endPatienceMs} ms. See the runner's log`,
      );
    },
    ended,
  };
}

function within(patienceMs: number, done: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patienceMs);
    void done.then(() => (clearTimeout(timer), resolve(true)));
  });
}
