import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Connections } from '../../src/activities/connections.ts';
import { gatherMeasurements } from '../../src/activities/gather-measurements.ts';
import { createFileArchive } from '../../src/adapters/archive/file-archive.ts';
import { createGameDayArchive } from '../../src/adapters/archive/file-game-days.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Plan } from '../../src/domain/plan/plan.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { MetricsSource, Series } from '../../src/ports/metrics.ts';
import { probeLike } from '../domain/measure/samples.ts';
import { planOf } from '../report/fixtures/plan.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'gather-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ratio = { type: 'prometheus-ratio', bad: 'sum(rate(bad[5s]))', total: 'sum(rate(total[5s]))' } as const;
const plan: Plan = { ...planOf(), probes: [probeLike({ source: ratio })] };

async function gather(raw: (selector: string) => readonly Series[]) {
  const metrics: Partial<MetricsSource> = {
    raw: async (selector) => raw(selector),
    alertRules: async () => [],
    clockOffset: async () => ({ offsetMs: 0, errorMs: 1 }),
  };
  const connections: Connections = {
    metrics: metrics as MetricsSource,
    alerts: [],
    store: createInjectionStore(folder),
    archive: createFileArchive(folder),
    gameDays: createGameDayArchive(folder),
    read: () => Promise.reject(new Error('not asked here')),
  };
  await connections.archive.begin('r1', plan);
  return gatherMeasurements({ clock: systemClock, version: '0' }, connections, {
    runId: 'r1',
    plan,
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    endedAt: new Date().toISOString(),
    guards: [],
    end: { ending: 'completed', reason: 'held', abortedBy: null },
    specs: [],
    statuses: [],
    unrecorded: [],
  });
}

const series: Series[] = [
  {
    labels: {},
    points: [
      [1, 1],
      [2, 2],
    ],
  },
];

test('a ratio one side of which could not be fetched is not taken for one with nothing bad', async () => {
  const input = await gather((selector) => {
    if (selector === 'bad') throw new AppError('upstream/unreachable', 'too many samples');
    return series;
  });
  expect(input.rawSli).toEqual([]);
  expect(input.timeline).toMatchObject([{ kind: 'run.not-measured', text: expect.stringContaining('raw samples of bad') }]);
});

test('a ratio whose bad side has no series yet is kept, with its total', async () => {
  const input = await gather((selector) => (selector === 'bad' ? [] : series));
  expect(input.rawSli).toMatchObject([{ kind: 'ratio', bad: [], total: series }]);
  expect(input.scrapeIntervalSeconds).toBe(1);
});
