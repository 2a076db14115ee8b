import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startAlertNarrator } from '../../src/activities/alert-narrator.ts';
import { createRecorder } from '../../src/activities/recorder.ts';
import { createFileArchive } from '../../src/adapters/archive/file-archive.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { followRun } from '../../src/app/follow-run.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { startUpstream } from '../adapters/loopback-upstream.ts';
import type { LoopbackUpstream } from '../adapters/loopback-upstream.ts';

let folder: string;
let prometheus: LoopbackUpstream;
let alerts: { labels: Record<string, string>; state: string; activeAt: string; value: string; annotations: object }[] | null;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'follow-run-'));
  alerts = [];
  prometheus = await startUpstream({
    '/api/v1/alerts': (response: ServerResponse) =>
      alerts === null
        ? response.writeHead(503).end()
        : response.writeHead(200).end(JSON.stringify({ status: 'success', data: { alerts } })),
  });
});

afterEach(async () => {
  await prometheus.close();
  rmSync(folder, { recursive: true, force: true });
});

test('whoever follows a run sees its alerts turn while it goes on, also after Prometheus was away', async () => {
  const archive = createFileArchive(folder);
  const recorder = createRecorder(archive, 'run-1', systemClock);
  recorder.event({ source: 'run', kind: 'run.baseline', text: 'baseline' });
  const narrator = startAlertNarrator(
    { metrics: createPrometheus({ url: prometheus.url }), archive },
    { clock: systemClock, recorder, earlier: [] },
  );
  const over = Promise.withResolvers<string>();
  const seen: string[] = [];
  const steps: Record<string, () => void> = {
    baseline: () => (alerts = [alert('pending')]),
    'Errors is pending': () => {
      alerts = null;
      setTimeout(() => (alerts = [alert('firing')]), 1200);
    },
    'Errors fires': () => (alerts = []),
    'Errors cleared': () => over.resolve('ended'),
  };
  const ended = await followRun(archive, 'run-1', over.promise, ({ text }) => {
    seen.push(text);
    steps[text]?.();
  });
  narrator.stop();
  await recorder.flush();
  expect(ended).toBe('ended');
  expect(seen).toEqual(['baseline', 'Errors is pending', 'Errors fires', 'Errors cleared']);
});

function alert(state: string) {
  // Prometheus writes nanoseconds.
  const activeAt = new Date(Date.now() + 1000).toISOString().replace('Z', '123456Z');
  return { labels: { alertname: 'Errors' }, state, activeAt, value: '1e+00', annotations: {} };
}
