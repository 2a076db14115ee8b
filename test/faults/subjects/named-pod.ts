import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createHostTools } from '../../../src/adapters/host/tools.ts';
import { createNodeTools } from '../../../src/adapters/node/tools.ts';
import { readConfig } from '../../../src/config.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { NodeTools } from '../../../src/faults/node-tools.ts';

/** What its resolver says of every name: addresses, that there is none, or nothing. */
export type Saying = readonly string[] | 'nxdomain' | 'silence';

/** A network of its own on this machine, as a pod has one: far ends, a resolver, and a caller. */
export interface NamedPod {
  readonly node: NodeTools;
  /** Answers at port 80. */
  readonly ends: readonly [string, string, string];
  readonly resolver: string;
  target(locator: TargetRef['locator']): TargetRef;
  say(saying: Saying): Promise<void>;
  /** The names that the resolver was asked for. */
  asked(): Promise<readonly string[]>;
  /** Milliseconds of one request on a new connection; null: it failed, or took 3 s. */
  call(to: string): Promise<number | null>;
  tables(): Promise<string>;
  dispose(): Promise<void>;
}

const ends = ['10.99.0.1', '10.99.0.2', '10.99.0.3'] as const;
const resolver = '10.99.0.53';

const program = `
const http = require('node:http'), dgram = require('node:dgram');
const { execFileSync } = require('node:child_process');
const [resolver, ...ends] = process.argv.slice(1);
for (const words of ['link set lo up', ...[resolver, ...ends].map((one) => 'addr add ' + one + '/32 dev lo')]) execFileSync('ip', words.split(' '));
let saying = 'nxdomain', asked = [];
const dns = dgram.createSocket('udp4', (message, from) => {
  let at = 12; const labels = [];
  while (message[at] !== 0) { labels.push(message.toString('latin1', at + 1, at + 1 + message[at])); at += 1 + message[at]; }
  asked.push(labels.join('.'));
  if (saying === 'silence') return;
  const found = saying === 'nxdomain' ? [] : saying, question = message.subarray(12, at + 5), header = Buffer.from(message.subarray(0, 12));
  header.writeUInt16BE(found.length === 0 ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(found.length, 6); header.writeUInt16BE(0, 8); header.writeUInt16BE(0, 10);
  const records = found.map((one) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...one.split('.').map(Number)]));
  dns.send(Buffer.concat([header, question, ...records]), from.port, from.address);
});
const answer = (value) => console.log(JSON.stringify(value));
const call = (to) => new Promise((resolve) => {
  const at = performance.now();
  const asking = http.get('http://' + to + '/health', { agent: false }, (response) => {
    response.resume(); response.on('end', () => resolve(performance.now() - at)); response.on('error', () => resolve(null));
  }).on('error', () => resolve(null));
  setTimeout(() => { asking.destroy(); resolve(null); }, 3000).unref();
});
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const asks = JSON.parse(line);
  if (asks.call !== undefined) return answer(await call(asks.call));
  if (asks.say !== undefined) saying = asks.say;
  answer(asked.splice(0));
}).on('close', () => process.exit());
http.createServer((_, response) => response.end('ok')).listen(80, '0.0.0.0', () => dns.bind(53, resolver, () => answer('ready')));`;

export async function startNamedPod(nft: string): Promise<NamedPod> {
  const root = mkdtempSync(join(tmpdir(), 'named-pod-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(
    join(root, 'etc/resolv.conf'),
    `search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${resolver}\n`,
  );
  const child = spawn('unshare', ['--net', '--', process.execPath, '-e', program, '--', resolver, ...ends], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
  await answer();
  let last: Promise<unknown> = Promise.resolve();
  const ask = (message: object): Promise<unknown> =>
    (last = last.then(() => {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return answer();
    }));
  const pid = child.pid ?? 0;
  const startTime = createHostTools().readProcess(pid)?.startTime ?? '';
  const first = { pid, startTime, netns: readlinkSync(`/proc/${pid}/ns/net`) };
  const node: NodeTools = {
    ...createNodeTools('here', 1, readConfig().programs),
    findPod: async () => first,
    pathIn: (_process, path) => join(root, path),
  };
  return {
    node,
    ends,
    resolver,
    target: (locator) => ({
      kind: 'link',
      service: 'caller',
      name: 'caller-1/far',
      uid: `${pid}/far`,
      locator: { podUid: String(pid), hostNetwork: false, destinations: [], ...locator },
    }),
    say: async (saying) => void (await ask({ say: saying })),
    asked: () => ask({}) as Promise<readonly string[]>,
    call: (to) => ask({ call: to }) as Promise<number | null>,
    tables: async () => (await node.runIn(first, ['net'], [nft, 'list', 'ruleset'])).stdout,
    async dispose() {
      child.stdin.end();
      await once(child, 'exit');
      rmSync(root, { recursive: true });
    },
  };
}
