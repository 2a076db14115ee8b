import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPermitKeeper } from '../../src/activities/permit-keeper.ts';
import { openPermit } from '../../src/activities/permit-writer.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { createAgent } from '../../src/agent/agent.ts';
import type { Agent } from '../../src/agent/agent.ts';
import { AppError } from '../../src/domain/errors.ts';
import { initialProbeState } from '../../src/domain/measure/probe-state.ts';
import type { ProbeState } from '../../src/domain/measure/probe-state.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { agentDependencies } from '../agent/dependencies.ts';
import { specOf } from '../agent/records.ts';
import { createTemporaryFault } from '../agent/temporary-fault.ts';
import { until } from '../agent/until.ts';
import { at, probeLike } from '../domain/measure/samples.ts';

const spec = specOf({ fault: 'file' });
const blind = initialProbeState(probeLike(), at(0));
const holding: ProbeState = { ...blind, state: 'HOLD' };
const seeing: ProbeState = { ...blind, state: 'OK', unknownSince: null };

let folder: string;
let store: InjectionStore;
let agent: Agent;
let adjusted: number;
let told: string[];
const recorder = { event: ({ kind }: { kind: string }) => void told.push(kind) };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'permit-keeper-'));
  store = createInjectionStore(folder);
  told = [];
  adjusted = 0;
  const { fault } = createTemporaryFault(folder, () => true);
  agent = createAgent(
    agentDependencies(folder, [{ ...fault, effect: 'pulsed', adjust: () => Promise.resolve(void (adjusted += 1)) }]),
  );
  await agent.start();
});

afterEach(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

const permit = async () => {
  const read = await store.readPermit(spec.runId);
  return read === null || isCorrupt(read) ? null : read;
};
const phase = async () => {
  const read = await store.readStatus(spec.id);
  return read === null || isCorrupt(read) ? null : read.phase;
};

test('a probe that holds freezes the run in its agent, and one that sees again lets it go on', async () => {
  const writer = await openPermit(store, spec.runId);
  const keeper = createPermitKeeper(writer, recorder);
  await store.writeSpec(spec);
  keeper.follow([seeing, holding]);
  await until(permit, (permit) => permit?.freeze === true);
  await writer.release(1);
  await until(phase, (phase) => phase === 'armed');

  keeper.follow([seeing, blind]);
  expect((await permit())?.freeze).toBe(true);
  keeper.follow([seeing, seeing]);
  await until(phase, (phase) => phase === 'active');
  await until(
    () => adjusted,
    (adjusted) => adjusted > 0,
  );
  expect(told).toEqual(['run.frozen', 'run.thawed']);
});

test('a watcher that takes over finds the run frozen and lets it go on once it sees', async () => {
  await (await openPermit(store, spec.runId)).freeze(true);
  const keeper = createPermitKeeper(await openPermit(store, spec.runId), recorder);
  keeper.follow([blind]);
  keeper.follow([seeing]);
  await until(
    () => told,
    (told) => told.includes('run.thawed'),
  );
  expect(await permit()).toMatchObject({ freeze: false });
  expect(told).toEqual(['run.thawed']);
});

test('a freeze renews nothing', async () => {
  const writer = await openPermit(store, spec.runId);
  await writer.renew();
  await writer.freeze(true);
  expect(await permit()).toMatchObject({ renewal: 1, freeze: true });
});

test('a write that fails is told once, is not fatal, and is made again', async () => {
  let broken = true;
  const writePermit: InjectionStore['writePermit'] = (permit) =>
    broken ? Promise.reject(new AppError('upstream/unreachable', 'disk full')) : store.writePermit(permit);
  const keeper = createPermitKeeper(await openPermit({ ...store, writePermit }, spec.runId), recorder);
  keeper.follow([holding]);
  keeper.renew();
  keeper.renew();
  await until(
    () => told,
    (told) => told.length === 2,
  );

  broken = false;
  await until(
    async () => {
      keeper.follow([holding]);
      return permit();
    },
    (permit) => permit?.freeze === true,
  );
  keeper.renew();
  await until(permit, (permit) => (permit?.renewal ?? 0) > 0);
  expect(told.toSorted()).toEqual(['run.freeze-not-written', 'run.frozen', 'run.renewal-not-written']);
});
