import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CallerGroup } from '../../../lab/host/caller-group.ts';
import { findNft } from '../../../lab/host/nft.ts';
import { isOpen } from '../../../lab/host/open-folder.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';

/** Where nft is, when this machine lets us make rules with it; null otherwise. */
export async function usableNft(): Promise<string | null> {
  const nft = await findNft(() => {});
  if (nft === null) return null;
  try {
    // In a network of its own: whether the kernel can do it is asked without touching anybody's rules.
    const script = 'add table ip probe; add chain ip probe c { type nat hook output priority -100; }';
    execFileSync('unshare', ['--net', nft, script], { stdio: 'ignore' });
    return nft;
  } catch {
    return null;
  }
}

export interface TestRedirect {
  readonly target: TargetRef;
  readonly address: string;
  readonly upstream: Server;
  /** Milliseconds of one request of the caller, on a new connection or on the one it keeps; null when it failed. */
  call(kept?: boolean): Promise<number | null>;
  /** The same, of a process that is not the caller. */
  callAsOther(): Promise<number | null>;
  tables(): string[];
  dispose(): Promise<void>;
}

const program = `
const http = require('node:http');
const keeping = new http.Agent({ keepAlive: true, maxSockets: 1 });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { url, kept } = JSON.parse(line);
  const at = performance.now();
  const say = (ms) => console.log(JSON.stringify(ms));
  http.get(url, { agent: kept ? keeping : false, timeout: 6000 }, (r) => { r.resume(); r.on('end', () => say(performance.now() - at)); r.on('error', () => say(null)); })
    .on('error', () => say(null)).on('timeout', function () { this.destroy(); });
});`;

/** A user that nothing else here runs as, so that rules for it touch nobody. */
const callerUid = 61_777;

/** A real HTTP server, and a caller that calls it directly: as a user of its own, or in a cgroup when one is given. */
export async function startRedirect(nft: string, group: CallerGroup | null = null): Promise<TestRedirect> {
  const upstream = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  upstream.keepAliveTimeout = 60_000;
  await once(upstream, 'listening');
  const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const [caller, other] = [startCaller(callerUid), startCaller(callerUid + 1)];
  if (group !== null) writeFileSync(group.procsFile, String(caller.pid));
  const ask = (process: ChildProcess, kept: boolean): Promise<number | null> => {
    const { stdin, stdout } = process;
    if (stdin === null || stdout === null) throw new Error('a caller has no pipes');
    const answered = new Promise<number | null>((resolve) => {
      const lines = createInterface({ input: stdout });
      lines.once('line', (line) => {
        lines.close();
        resolve(JSON.parse(line) as number | null);
      });
    });
    stdin.write(`${JSON.stringify({ url: `http://${address}/health`, kept })}\n`);
    return answered;
  };
  return {
    target: {
      kind: 'link',
      service: 'payments-api',
      name: 'fraud-detector',
      uid: `redirect:${address}`,
      locator: { addresses: [address], caller: group === null ? { user: String(callerUid) } : { cgroup: group.name } },
    },
    address,
    upstream,
    call: (kept = false) => ask(caller, kept),
    callAsOther: () => ask(other, false),
    tables: () => execFileSync(nft, ['list', 'tables'], { encoding: 'utf8' }).match(/firedrill-\S+/g) ?? [],
    dispose: async () => {
      for (const process of [caller, other]) {
        process.kill('SIGKILL');
        await once(process, 'exit');
      }
      upstream.closeAllConnections();
      upstream.close();
    },
  };
}

function startCaller(uid: number): ChildProcess {
  return spawn(nodeForAnybody(), ['-e', program], { uid, gid: uid, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Our own may lie in a checkout that only root may enter; any Node can be a caller. */
function nodeForAnybody(): string {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const found = [process.execPath, ...onPath].find((node) => existsSync(node) && isOpen(dirname(realpathSync(node))));
  if (found === undefined) throw new Error('no node lies where another user may run it');
  return found;
}
