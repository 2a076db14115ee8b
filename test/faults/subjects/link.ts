import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';

export interface TestLink {
  readonly target: TargetRef;
  readonly control: string;
  readonly url: string;
  readonly upstream: Server;
  /** Ends the relay as a crash would. */
  kill(): Promise<void>;
  dispose(): Promise<void>;
}

/** A real relay process before a real HTTP server, and a dead upstream beside it. */
export async function startLink(): Promise<TestLink> {
  const upstream = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-link-'));
  const control = join(directory, 'relay.sock');
  const program = fileURLToPath(new URL('../../../src/agent/relay/main.ts', import.meta.url));
  const relay = spawn(
    process.execPath,
    [program, '--listen', '127.0.0.1:0', '--upstream', `127.0.0.1:1,127.0.0.1:${port}`, '--control', control],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(relay.stdout, 'data')) as [Buffer];
  const { listen } = JSON.parse(line.toString('utf8')) as { listen: string };
  const kill = async (): Promise<void> => {
    if (relay.exitCode !== null || relay.signalCode !== null) return;
    relay.kill('SIGKILL');
    await once(relay, 'exit');
  };
  return {
    target: { kind: 'link', service: 'payments-api', name: 'fraud-detector', uid: listen, locator: { listen, control } },
    control,
    url: `http://${listen}`,
    upstream,
    kill,
    dispose: async () => {
      await kill();
      upstream.closeAllConnections();
      upstream.close();
      await rm(directory, { recursive: true });
    },
  };
}
