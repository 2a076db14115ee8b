import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Machine } from '../../ports/machine.ts';
import { receiverRefusal } from '../alertmanager/receiver.ts';
import { hasCode } from './durable-file.ts';

const timeoutMs = 2000;

export const machine: Machine = {
  async tryWriting(directory) {
    await mkdir(directory, { recursive: true });
    const path = join(directory, `.doctor-${randomUUID()}`);
    await writeFile(path, 'written by firedrill doctor\n', { flag: 'wx' });
    await rm(path);
  },

  async listenerAt(url) {
    if (await canListen(new URL(url))) return 'nobody';
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).then(
      (response) => response.text(),
      () => '',
    );
    return answer.trim() === receiverRefusal ? 'our-worker' : 'another-program';
  },
};

function canListen({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(false) : reject(error)));
    server.listen(Number(port || 80), hostname, () => server.close(() => resolve(true)));
  });
}
