import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { isCorrupt, type InjectionStore } from '../../src/ports/injections.ts';
import { quickestOfAnsweredMs } from '../faults/quickest.ts';
import { startRedirect, usableNft, type TestRedirect } from '../faults/subjects/redirect.ts';
import { permitOf, specOf } from './records.ts';
import { until } from './until.ts';

const nft = await usableNft();
const withNft = nft === null ? describe.skip : describe;
const id = `redirect-agent-${process.pid}-1-1`;

withNft('an agent that redirects a link', () => {
  let folder: string;
  let store: InjectionStore;
  let agent: ChildProcess;
  let link: TestRedirect;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redirect-agent-'));
    link = await startRedirect(nft ?? '');
    const policy = {
      environment: 'test',
      allowFaults: ['network-latency'],
      allowServices: ['payments-api'],
      maxDurationSeconds: 600,
      leaseSeconds: { min: 1, max: 60 },
      diskFill: { allowPaths: [], floorBytes: 0 },
      pool: { reserveConnections: 1 },
      redirect: { allowAddresses: [link.address] },
      hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 10 },
    };
    writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy));
    store = createInjectionStore(folder);
    agent = spawn(
      process.execPath,
      ['src/compose/agent.ts', '--state', folder, '--policy', join(folder, 'policy.json'), '--name', 'one'],
      { stdio: 'ignore', env: { ...process.env, FIREDRILL_NFT_BIN: nft ?? '' } },
    );
    await until(
      async () => (await store.readHeartbeats())[0]?.pid ?? null,
      (pid) => pid !== null,
    );
    await store.writePermit(permitOf());
    const params = { delay: '200ms', connections: 'keep', probePath: '/health' };
    await store.writeSpec(specOf({ id, fault: 'network-latency', params, target: link.target, leaseSeconds: 60 }));
    await statusWhen(({ phase }) => phase === 'active');
  });
  afterEach(async () => {
    agent.kill('SIGTERM');
    await once(agent, 'close');
    await link.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const statusWhen = (holds: (status: InjectionStatus) => boolean): Promise<InjectionStatus | null> =>
    until(
      async () => {
        const read = await store.readStatus(id);
        return read === null || isCorrupt(read) ? null : read;
      },
      (status) => status !== null && holds(status),
    );

  test('says by what it is proven, and takes all of it away when it is asked to', async () => {
    expect(await link.call()).toBeGreaterThanOrEqual(200);
    expect((await statusWhen(() => true))?.evidence).toMatchObject({ data: { engine: 'redirect', via: 'http' } });
    await store.writePermit(permitOf({ renewal: 2, revert: true }));
    await statusWhen(({ phase }) => phase === 'reverted');
    expect(await quickestOfAnsweredMs(() => link.call())).toBeLessThan(150);
    expect(link.tables()).not.toContain(`firedrill-${id}`);
  });

  test('leaves no table behind when it is killed, because its next life takes it away', async () => {
    const [{ pid } = { pid: 0 }] = await store.readHeartbeats();
    process.kill(pid, 'SIGKILL');
    await statusWhen(({ phase }) => phase === 'reverted');
    expect(link.tables()).not.toContain(`firedrill-${id}`);
    expect(await quickestOfAnsweredMs(() => link.call())).toBeLessThan(150);
  });
});
