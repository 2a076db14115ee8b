import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { createJournal } from '../../src/adapters/host/journal.ts';
import { sweep } from '../../src/cli/commands/sweep.ts';
import { createOutput } from '../../src/cli/output.ts';
import { specOf } from '../agent/records.ts';

let folder: string;
let effect: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-'));
  effect = join(folder, 'effect');
  const environment = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: {
      platform: 'host',
      prometheus: { url: 'http://127.0.0.1:9' },
      temporal: { address: '127.0.0.1:9', namespace: 'default' },
      state: './state',
      archive: './runs',
      services: {},
    },
  };
  const policy = {
    environment: 'test',
    allowFaults: ['hook'],
    allowServices: ['payments'],
    maxDurationSeconds: 600,
    leaseSeconds: { min: 1, max: 60 },
    diskFill: { allowPaths: [], floorBytes: 0 },
    pool: { reserveConnections: 1 },
    hook: { allowCommands: ['rm', 'test', 'false'], allowUrls: [], timeoutSeconds: 3 },
  };
  writeFileSync(join(folder, 'environment.yaml'), JSON.stringify(environment));
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(policy));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What an agent leaves that died while a hook was in effect. */
async function leaveBehind(lives: { readonly lastBeat: number; readonly fault?: string }): Promise<void> {
  writeFileSync(effect, '');
  const store = createInjectionStore(join(folder, 'state'));
  const spec = specOf({ leaseSeconds: 60, fault: lives.fault ?? 'hook' });
  const undo = {
    revert: { command: ['rm', '-f', effect] },
    verifyReverted: { command: ['test', '!', '-e', effect] },
    timeoutMs: 3_000,
    process: null,
  };
  await store.writeSpec(spec);
  await store.takeClaims(spec.id, ['hook:payments']);
  await createJournal(join(folder, 'state')).open(spec, undo);
  const at = new Date(lives.lastBeat).toISOString();
  await store.writeHeartbeat({ name: 'one', pid: 1, version: '0.0.0', at, faults: ['hook'] });
}

async function swept(force: boolean): Promise<{ code: number; said: string }> {
  let said = '';
  const args = {
    environment: join(folder, 'environment.yaml'),
    policy: join(folder, 'policy.yaml'),
    force,
    json: false,
    debug: false,
  };
  const code = await sweep.run(
    args,
    createOutput(false, (text) => (said += text)),
  );
  return { code, said };
}

const longAgo = (): number => Date.now() - 3_600_000;

describe('firedrill sweep', () => {
  test('says clean, and ends with 0, when nothing was left behind', async () => {
    expect(await swept(false)).toEqual({ code: 0, said: 'test: clean\n' });
  });

  test('reverts what a dead agent left behind and frees its claims', async () => {
    await leaveBehind({ lastBeat: longAgo() });
    expect(await swept(false)).toEqual({ code: 0, said: 'reverted  run-1-1-1\ntest: clean\n' });
    expect(existsSync(effect)).toBe(false);
    expect(await createInjectionStore(join(folder, 'state')).takeClaims('next', ['hook:payments'])).toEqual({ taken: true });
  });

  test('leaves alone what a living agent holds, even when forced, and does not call it clean', async () => {
    await leaveBehind({ lastBeat: Date.now() });
    const { code, said } = await swept(true);
    expect(code).toBe(3);
    expect(said).toContain('skipped   run-1-1-1: agent "one" is alive');
    expect(existsSync(effect)).toBe(true);
  });

  test('waits for the lease unless it is forced', async () => {
    await leaveBehind({ lastBeat: Date.now() - 10_000 });
    expect((await swept(false)).code).toBe(3);
    expect(existsSync(effect)).toBe(true);
    expect((await swept(true)).code).toBe(0);
    expect(existsSync(effect)).toBe(false);
  });

  test('says dirty, and ends with 5, when something could not be reverted', async () => {
    await leaveBehind({ lastBeat: longAgo(), fault: 'gone-fault' });
    const { code, said } = await swept(false);
    expect(code).toBe(5);
    expect(said).toContain('has no fault "gone-fault". Start an agent that has it');
  });

  test('does not call an environment clean whose journal can no longer be read', async () => {
    await leaveBehind({ lastBeat: longAgo() });
    const journal = join(folder, 'state', 'journal');
    for (const name of readdirSync(journal)) writeFileSync(join(journal, name), '{"torn');

    const { code, said } = await swept(true);

    expect(code).toBe(5);
    expect(said).toContain('may still be in effect');
  });
});
