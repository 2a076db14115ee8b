import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './durable-file.ts';

/**
 * Resolves when this process is the only agent of the state directory, and stays so until it dies. A socket in the kernel's
 * own name space, not a file: it goes with its process, however that ends, so a spare agent takes over within 100 ms.
 * `onWait` is called once when another agent has it.
 */
export async function becomeOnlyAgent(stateDirectory: string, onWait: () => void): Promise<void> {
  const key = createHash('sha256').update(realpathSync(stateDirectory)).digest('hex').slice(0, 32);
  const path = `\0firedrill-agent-${key}`;
  if (await listen(path)) return;
  onWait();
  do await sleep(100);
  while (!(await listen(path)));
}

function listen(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(false) : reject(error)));
    server.listen({ path }, () => {
      server.unref();
      resolve(true);
    });
  });
}
