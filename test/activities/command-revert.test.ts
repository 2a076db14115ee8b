import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { commandRevert } from '../../src/activities/command-revert.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { createAgent } from '../../src/agent/agent.ts';
import type { Agent } from '../../src/agent/agent.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { agentDependencies } from '../agent/dependencies.ts';
import { permitOf, specOf } from '../agent/records.ts';
import { createTemporaryFault } from '../agent/temporary-fault.ts';
import type { TemporaryFault } from '../agent/temporary-fault.ts';
import { until } from '../agent/until.ts';

const spec = specOf({ fault: 'file' });
let folder: string;
let store: InjectionStore;
let file: TemporaryFault;
let agent: Agent;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'command-revert-'));
  store = createInjectionStore(folder);
  file = createTemporaryFault(folder, () => existsSync(join(folder, 'journal', `${spec.id}.jsonl`)));
  agent = createAgent(agentDependencies(folder, [file.fault]));
  await agent.start();
});

afterEach(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function status(): Promise<InjectionStatus | null> {
  const read = await store.readStatus(spec.id);
  return read === null || isCorrupt(read) ? null : read;
}

test('an injection that its watcher never wrote is refused for good, also when the watcher comes back late', async () => {
  await store.writePermit(permitOf());
  await commandRevert(store, spec.runId, [spec]);
  await until(status, (status) => status?.phase === 'refused');

  await store.writeSpec(spec);
  await commandRevert(store, spec.runId, [spec]);
  expect((await status())?.phase).toBe('refused');
  expect(file.injects()).toBe(0);
});

test('an injection in effect is reverted', async () => {
  await store.writePermit(permitOf());
  await store.writeSpec(spec);
  await until(status, (status) => status?.phase === 'active');

  await commandRevert(store, spec.runId, [spec]);
  await until(status, (status) => status?.phase === 'reverted');
  expect(file.inEffect()).toBe(false);
});

test('a record that was damaged since does not keep the others from being reverted', async () => {
  await store.writePermit(permitOf());
  await store.writeSpec(spec);
  await until(status, (status) => status?.phase === 'active');
  writeFileSync(join(folder, 'specs', `${spec.id}.json`), '{');

  await commandRevert(store, spec.runId, [spec]);
  await until(status, (status) => status?.phase === 'reverted');
});
