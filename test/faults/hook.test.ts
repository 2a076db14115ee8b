import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { hook } from '../../src/faults/hook.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';

const allow = (allowCommands: (string | string[])[], allowUrls: string[] = []) => ({
  hook: { allowCommands, allowUrls, timeoutSeconds: 5 },
});

faultContract('hook', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-hook-'));
  const switchFile = join(directory, 'down');
  return {
    target: { kind: 'service', service: 'region', name: 'down', uid: directory, locator: {} },
    policy: allow(['touch', 'rm', 'test']),
    params: {
      inject: { command: ['touch', `${directory}/{target.name}`] },
      verify: { command: ['test', '-e', switchFile] },
      revert: { command: ['rm', '-f', switchFile] },
      verifyReverted: { command: ['test', '!', '-e', switchFile] },
    },
    broken: async () => existsSync(switchFile),
    dispose: () => rm(directory, { recursive: true }),
  };
});

describe('hook', () => {
  const target: TargetRef = { kind: 'service', service: 'region', name: 'eu', uid: 'eu', locator: {} };
  const steps = (step: object) =>
    hook.params.parse({ inject: step, verify: step, revert: step, verifyReverted: step, timeout: '1s' });
  let server: Server;
  let url: string;
  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/region/mute') return;
      response.writeHead(request.url?.startsWith('/region/eu') === true ? 200 : 500);
      response.end(request.url === '/region/eu/all' ? 'x'.repeat(1_000_000) : '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('a command that the policy does not name is refused before anything runs', async () => {
    const context = createContext('h-1-1', allow(['true']));
    await expect(hook.prepare(context, target, steps({ command: ['rm', '-rf', 'x'] }))).rejects.toMatchObject({
      code: 'policy/denied',
    });
  });

  test.each(['/regional', '/region/../admin', '/'])('a URL outside the allowed prefix is refused: %s', async (path) => {
    const context = createContext('h-1-2', allow([], [`${url}/region`]));
    await expect(hook.prepare(context, target, steps({ http: { method: 'POST', url: `${url}${path}` } }))).rejects.toMatchObject({
      code: 'policy/denied',
    });
  });

  test('an allowed request is done when it answers 2xx', async () => {
    const context = createContext('h-1-3', allow([], [`${url}/region`]));
    const params = steps({ http: { method: 'POST', url: `${url}/region/{target.name}` } });
    const undo = await hook.prepare(context, target, params);
    await hook.inject(context, target, params, undo);
    expect(await hook.verify(context, target, params, undo)).toMatchObject({ present: true });
    expect(await hook.verifyReverted(context, target, undo)).toMatchObject({ present: false });
  });

  test('a step that answers an error, or does not end in time, has not worked', async () => {
    const context = createContext('h-1-4', allow(['sleep'], [`${url}/region`]));
    const failing = steps({ http: { method: 'POST', url: `${url}/region/us` } });
    await expect(hook.inject(context, target, failing, await hook.prepare(context, target, failing))).rejects.toThrow(
      /answered 500/,
    );
    const hanging = steps({ command: ['sleep', '60'] });
    await expect(hook.inject(context, target, hanging, await hook.prepare(context, target, hanging))).rejects.toThrow(
      /did not end in 1000 ms/,
    );
  });

  test("a frozen process that has ended meanwhile needs no revert, for its pid may be another's", async () => {
    const child = spawn('sleep', ['300']);
    await once(child, 'spawn');
    const context = createContext('h-1-6', allow(['kill', 'grep']));
    const startTime = context.host.readProcess(child.pid ?? 0)?.startTime ?? '';
    const sleeper: TargetRef = { ...target, kind: 'process', locator: { pid: child.pid, startTime } };
    const params = hook.params.parse({
      inject: { command: ['kill', '-STOP', '{target.pid}'] },
      verify: { command: ['grep', '-q', '^State:.T', '/proc/{target.pid}/status'] },
      revert: { command: ['kill', '-CONT', '{target.pid}'] },
      verifyReverted: { command: ['grep', '-q', '^State:.[RSD]', '/proc/{target.pid}/status'] },
    });
    const undo = await hook.prepare(context, sleeper, params);
    await hook.inject(context, sleeper, params, undo);
    expect(await hook.verify(context, sleeper, params, undo)).toMatchObject({ present: true });
    await hook.revert(context, sleeper, undo);
    expect(await hook.verifyReverted(context, sleeper, undo)).toMatchObject({ present: false });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await hook.revert(context, sleeper, undo);
    expect(await hook.verifyReverted(context, sleeper, undo)).toMatchObject({ present: false });
    await expect(hook.inject(context, sleeper, params, undo)).rejects.toMatchObject({ code: 'target/none' });
  });

  test.each<[string, string[], boolean]>([
    ['exactly as it is allowed', ['kill', '-STOP', '{target.pid}'], true],
    ['with another signal', ['kill', '-KILL', '{target.pid}'], false],
    ['with another process', ['kill', '-STOP', '1'], false],
    ['with a further argument', ['kill', '-STOP', '{target.pid}', '1'], false],
  ])('where the policy has a whole argument list, a command %s passes or not', async (_, command, passes) => {
    const context = createContext('h-1-7', allow([['kill', '-STOP', '{target.pid}']]));
    const process = { ...target, locator: { pid: 4_194_303, startTime: '1' } };
    const prepared = hook.prepare(context, process, steps({ command }));
    if (passes) await expect(prepared).resolves.toMatchObject({ process: { pid: 4_194_303 } });
    else await expect(prepared).rejects.toMatchObject({ code: 'policy/denied' });
  });

  test('a revert runs whatever the policy has become', async () => {
    const params = steps({ command: ['true'] });
    const undo = await hook.prepare(createContext('h-1-8', allow(['true'])), target, params);
    await hook.revert(createContext('h-1-8', allow([])), target, undo);
  });

  test('more output than is kept is cut, of a command and of an answer, and is no failure', async () => {
    const context = createContext('h-1-9', allow(['head'], [`${url}/region`]));
    const shouting = steps({ command: ['head', '-c', '1000000', '/dev/zero'] });
    const loud = await hook.verify(context, target, shouting, await hook.prepare(context, target, shouting));
    expect(loud).toMatchObject({ present: true });
    expect(String(loud.data['output'])).toHaveLength(4096);
    const long = steps({ http: { method: 'GET', url: `${url}/region/eu/all` } });
    const answered = await hook.verify(context, target, long, await hook.prepare(context, target, long));
    expect(answered).toMatchObject({ present: true });
    expect(String(answered.data['output'])).toHaveLength(4096);
  });

  test('an answer that does not come in time is no answer', async () => {
    const context = createContext('h-1-10', allow([], [`${url}/region`]));
    const params = steps({ http: { method: 'GET', url: `${url}/region/mute` } });
    const undo = await hook.prepare(context, target, params);
    await expect(hook.inject(context, target, params, undo)).rejects.toThrow(/no answer in 1000 ms/);
  });

  test('it says how long a step may take, so that the agent waits for it', () => {
    expect(hook.patienceMs?.('inject', steps({ command: ['true'] }))).toBe(1000);
  });

  test('a placeholder that the target cannot fill is refused', async () => {
    const context = createContext('h-1-5', allow(['kill']));
    await expect(hook.prepare(context, target, steps({ command: ['kill', '{target.pid}'] }))).rejects.toThrow(/target\.pid/);
  });
});
