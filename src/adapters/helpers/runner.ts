import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { JsonObject } from '../../domain/json.ts';
import { helpersWithoutPrivilege } from '../../helper-program.ts';
import { startChild } from './helper-child.ts';
import { readMessages, writeMessage } from './message-lines.ts';
import type { HelperWay } from './helper-way.ts';

/** Starts helpers for an agent in another container. */
export interface Runner {
  /** Takes no further connection, and ends every helper. */
  close(): Promise<void>;
}

/** Listens there, in place of a former life. `log`: what an agent's log may not say. */
export async function startRunner(socket: string, log: (line: string) => void): Promise<Runner> {
  const running = new Set<HelperWay>();
  await rm(socket, { force: true });
  // An agent that lets go of its helper still hears that it has ended.
  const server = createServer({ allowHalfOpen: true }, (connection) => serve(connection, running, log));
  await once(server.listen(socket), 'listening');
  return {
    async close() {
      server.close();
      await Promise.all([...running].map((helper) => helper.end()));
    },
  };
}

function serve(connection: Socket, running: Set<HelperWay>, log: (line: string) => void): void {
  let helper: Pick<HelperWay, 'send' | 'end'> | null = null;
  connection.on('error', () => {}); // `close` follows
  for (const gone of ['end', 'close']) connection.once(gone, () => void (helper === null ? connection.end() : helper.end()));

  const say = (lastWords: string): void => {
    if (!connection.destroyed) writeMessage(connection, { ended: lastWords });
    connection.end();
  };
  const start = (name: string): HelperWay => {
    const started = startChild(name);
    running.add(started);
    started.onMessage((message) => void (connection.destroyed || writeMessage(connection, message)));
    void started.ended.then((lastWords) => {
      running.delete(started);
      say(lastWords);
    });
    return started;
  };

  readMessages(connection, (message) => {
    if (message === null) return;
    if (helper !== null) return helper.send(message);
    const name = asked(message);
    if (name !== null) {
      helper = start(name);
      return;
    }
    log(`refused to start ${JSON.stringify(message['helper'])}: no helper that needs no privilege`);
    say('the runner does not start it, for it is no helper that needs no privilege');
    helper = nobody;
  });
}

/** In place of one that was refused. */
const nobody: Pick<HelperWay, 'send' | 'end'> = { send: () => {}, end: async () => {} };

function asked({ helper }: JsonObject): string | null {
  return helpersWithoutPrivilege.find((name) => name === helper) ?? null;
}
