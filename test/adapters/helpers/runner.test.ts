import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { helpersOfRunner, runnerAnswers } from '../../../src/adapters/helpers/runner-connection.ts';
import { startRunner } from '../../../src/adapters/helpers/runner.ts';
import { isAlive } from '../../../src/adapters/host/processes.ts';
import { createHostTools } from '../../../src/adapters/host/tools.ts';
import { poolExhaustion } from '../../../src/faults/pool-exhaustion.ts';
import { trafficSurge } from '../../../src/faults/traffic-surge.ts';
import { helpersWithoutPrivilege } from '../../../src/helper-program.ts';
import { helperContract, helpersBelow } from '../../contracts/helper.ts';
import { createContext } from '../../faults/context.ts';
import { until } from '../../faults/until.ts';
import { kill, killPrograms, startProgram } from './processes.ts';
import { source } from './source.ts';

helperContract('a connection to a runner', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'runner-'));
  const socket = join(folder, 'runner.sock');
  const runner = await startProgram('runner-process', socket);
  const { pid: parentPid = 0 } = runner;
  return {
    start: helpersOfRunner(socket),
    parentPid,
    async agent() {
      const { pid = 0 } = await startProgram('agent-process', socket);
      return { pid, parentPid };
    },
    async close() {
      await kill(runner);
      await rm(folder, { recursive: true });
    },
  };
});

let folder: string;
let socket: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-'));
  socket = join(folder, 'runner.sock');
});
afterEach(() => rm(folder, { recursive: true }));
afterAll(killPrograms);

describe('a runner', () => {
  test('starts every helper of ours but those whose work is their privilege', () => {
    const every = globSync('src/agent/*/main.ts').map((path) => path.split('/')[2]);
    const privileged = ['dns-proxy', 'link-prober', 'redirect-relay', 'relay', 'stress'];
    expect([...helpersWithoutPrivilege, ...privileged].sort()).toEqual(every.sort());
  });

  test.each(['stress', 'link-prober', '../compose/cluster-agent', 'toString', ''])('refuses to start %j', async (name) => {
    const lines: string[] = [];
    const runner = await startRunner(socket, (line) => void lines.push(line));
    await expect(helpersOfRunner(socket)(name, {})).rejects.toMatchObject({
      code: 'part/died',
      message: expect.stringContaining('no helper that needs no privilege') as unknown,
    });
    expect(lines).toEqual([expect.stringContaining(`refused to start ${JSON.stringify(name)}`)]);
    await runner.close();
  });

  test('ends a helper whose agent says what is no message', async () => {
    const runner = await startRunner(socket, () => {});
    await helpersOfRunner(socket)(source.name, source.config);
    const agent = createConnection(socket);
    agent.write(`${JSON.stringify({ helper: source.name })}\n`);
    await until('both are there', async () => (await helpersBelow(process.pid)).length === 2);
    agent.write('hello\n');
    await until('one is gone', async () => (await helpersBelow(process.pid)).length === 1);
    agent.destroy();
    await runner.close();
  });

  test('that is asked to end ends its helpers first', async () => {
    const runner = await startRunner(socket, () => {});
    const helper = await helpersOfRunner(socket)(source.name, source.config);
    const [found] = await helpersBelow(process.pid);
    await runner.close();
    expect(isAlive(found!)).toBe(false);
    await expect(helper.ask({ op: 'count' })).rejects.toMatchObject({ code: 'part/died' });
  });

  test('that is killed takes its helpers with it, and starts others in its next life', async () => {
    const former = await startProgram('runner-process', socket);
    const start = helpersOfRunner(socket);
    const helper = await start(source.name, source.config);
    const [found] = await helpersBelow(former.pid ?? 0);
    await kill(former);
    await until('its helper is gone', () => !isAlive(found!), 3000);
    await expect(helper.ask({ op: 'count' })).rejects.toThrow(/its runner has ended/);
    await expect(start(source.name, source.config)).rejects.toMatchObject({ code: 'upstream/unreachable' });
    await startProgram('runner-process', socket);
    await (await start(source.name, source.config)).stop();
  });

  test('answers while it lives, and neither when it stands still nor when it is gone', async () => {
    expect(await runnerAnswers(socket)).toBe(false);
    const runner = await startProgram('runner-process', socket);
    expect(await runnerAnswers(socket)).toBe(true);
    runner.kill('SIGSTOP');
    expect(await runnerAnswers(socket)).toBe(false);
    runner.kill('SIGCONT');
    expect(await runnerAnswers(socket)).toBe(true);
    await kill(runner);
    expect(await runnerAnswers(socket)).toBe(false);
  });

  test('that says what is no message is heard no more', async () => {
    const server = createServer((connection) => void connection.write('hello\n')).listen(socket);
    await expect(helpersOfRunner(socket)(source.name, {})).rejects.toThrow(/the runner said what is no message/);
    server.close();
  });
});

describe('without a runner', () => {
  const withoutRunner = () => ({ ...createContext('alone-1-1'), host: createHostTools({}, helpersOfRunner(socket)) });

  test('nothing is believed to be gone: no revert is verified, and none is done', async () => {
    const context = { ...withoutRunner(), secret: async () => 'postgres://nobody@127.0.0.1:1/none' };
    const locator = { connection: 'env:ANY' };
    const target = { kind: 'postgres' as const, service: 'shop', name: 'payments', uid: 'env:ANY', locator };
    const undo = { sessions: 5, applicationName: 'x', layer: 'server' as const, maxConnections: 10, availableBefore: 10 };
    await expect(poolExhaustion.revert(context, target, undo)).rejects.toMatchObject({ code: 'upstream/unreachable' });
    await expect(poolExhaustion.verifyReverted(context, target, undo)).rejects.toMatchObject({ code: 'upstream/unreachable' });
  });

  test('a helper of one that stands still is not said to be gone before its end was seen', async () => {
    const runner = await startProgram('runner-process', socket);
    const context = withoutRunner();
    const locator = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'web' };
    const target = { kind: 'workload' as const, service: 'web', name: 'web', uid: '1', locator };
    const params = trafficSurge.params.parse({ service: 'web', perSecond: 10 });
    const undo = { perSecond: 10 };
    await trafficSurge.arm?.(context, target, params, undo);
    const [found] = await helpersBelow(runner.pid ?? 0);
    runner.kill('SIGSTOP');
    await expect(trafficSurge.revert(context, target, undo)).rejects.toMatchObject({ code: 'upstream/unreachable' });
    expect(isAlive(found!)).toBe(true);
    expect(await trafficSurge.verifyReverted(context, target, undo)).toMatchObject({ present: true });
    runner.kill('SIGCONT');
    await trafficSurge.revert(context, target, undo);
    expect(isAlive(found!)).toBe(false);
    expect(await trafficSurge.verifyReverted(context, target, undo)).toMatchObject({ present: false });
  });
});
