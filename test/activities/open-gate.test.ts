import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ActivityDeps } from '../../src/activities/connections.ts';
import { openGate } from '../../src/activities/open-gate.ts';
import { createFileArchive } from '../../src/adapters/archive/file-archive.ts';
import { createGameDayArchive } from '../../src/adapters/archive/file-game-days.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import type { Reading } from '../../src/domain/measure/sample.ts';
import type { Plan, TargetRef } from '../../src/domain/plan/plan.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import type { MetricsSource } from '../../src/ports/metrics.ts';
import { specOf } from '../agent/records.ts';
import { fakePlatform } from '../planning/fake-platform.ts';
import { planOf } from '../report/fixtures/plan.ts';

let folder: string;
let store: InjectionStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'open-gate-'));
  store = createInjectionStore(folder);
  await store.writeHeartbeat({
    name: 'host',
    pid: process.pid,
    version: '0',
    at: new Date().toISOString(),
    faults: ['link-delay'],
  });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plan: Plan = { ...planOf(), expectedAlerts: [] };
const { target } = plan.steps[0]!;

/** Well, as long as a test does not say otherwise. */
function deps({
  there = [target],
  values = {},
}: { there?: TargetRef[]; values?: Record<string, Partial<Reading>> } = {}): ActivityDeps {
  const metrics: Partial<MetricsSource> = {
    ready: async () => true,
    clockOffset: async () => ({ offsetMs: 0, errorMs: 1 }),
    alertRules: async () => [],
    activeAlerts: async () => [],
    instant: async () => ({ series: [], warnings: [] }),
  };
  return {
    connect: () => ({
      metrics: metrics as MetricsSource,
      alerts: [],
      store,
      archive: createFileArchive(folder),
      gameDays: createGameDayArchive(folder),
      read: async ({ name }) => ({ value: 0, sourceAt: new Date().toISOString(), events: 100, problem: null, ...values[name] }),
    }),
    platformOf: () => fakePlatform(there),
    clock: systemClock,
    version: '0',
  };
}

describe('the gate', () => {
  test('is open when targets are there, no guard objects and every probe is good', async () => {
    expect(await openGate(deps(), plan)).toEqual({ closed: [], plan, replaced: [] });
  });

  test('is shut while an injection of an earlier run has not ended', async () => {
    await store.writeSpec(specOf());
    const { closed } = await openGate(deps(), plan);

    expect(closed).toHaveLength(1);
    expect(closed[0]).toContain(`no-residue: earlier injections have not ended: ${specOf().id}`);
  });

  test('is shut while a probe is bad', async () => {
    const { closed } = await openGate(deps({ values: { 'checkout-errors': { value: 0.2 } } }), plan);
    expect(closed).toEqual(['not steady: checkout-errors must be < 0.01 and is 0.2']);
  });

  test('is shut while a probe says nothing, because unknown is not good', async () => {
    const blind = { value: null, problem: { class: 'error', note: 'connection refused' } } as const;
    const { closed } = await openGate(deps({ values: { 'lost-payments': blind } }), plan);
    expect(closed).toEqual(['not steady: lost-payments must be == 0 and gives no usable value (connection refused)']);
  });

  test('is shut while a target is not there', async () => {
    const { closed } = await openGate(deps({ there: [] }), plan);
    expect(closed).toEqual([
      'payments-api/fraud-detector is planned as a target and is not there now in environment demo. Start it',
    ]);
  });

  test('gives the plan on a target that was replaced, and says which', async () => {
    const answer = await openGate(deps({ there: [{ ...target, uid: '127.0.0.1:7002' }] }), plan);

    expect(answer.closed).toEqual([]);
    expect(answer.plan.steps[0]!.target.uid).toBe('127.0.0.1:7002');
    expect(answer.replaced).toEqual(['payments-api/fraud-detector was 127.0.0.1:7001, is 127.0.0.1:7002']);
  });
});
