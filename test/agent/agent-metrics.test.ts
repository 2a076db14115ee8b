import { describe, expect, test } from '@jest/globals';
import { createAgentMetrics, metricNames } from '../../src/agent/agent-metrics.ts';
import { injectionFigures } from '../../src/agent/injection-figures.ts';
import { metricsText } from '../../src/agent/metrics-text.ts';
import type { InjectionStatus, Phase } from '../../src/domain/injection/records.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { specOf } from './records.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const endsIn = (id: string, seconds: number) => specOf({ id, deadline: new Date(now + seconds * 1000).toISOString() });
const is = (id: string, phase: Phase): InjectionStatus => ({ schemaVersion: 1, id, runId: 'run-1', phase });

describe('injections in figures', () => {
  test('are counted by phase, also those that nobody has answered for and those that cannot be read', () => {
    const damaged = { corrupt: true, id: 'd', problem: 'no JSON' } as const;
    const specs = [endsIn('a', 10), endsIn('b', 10), endsIn('c', 10), damaged, endsIn('e', 10)];
    const statuses = [is('a', 'active'), is('b', 'active'), { ...damaged, id: 'e' }];
    expect(injectionFigures(specs, statuses, now).byPhase).toEqual({ active: 2, waiting: 1, unreadable: 2 });
  });

  test('are as late as the latest that has not ended', () => {
    const specs = [endsIn('a', -30), endsIn('b', -5), endsIn('c', -100), endsIn('d', 60)];
    const late = (...statuses: InjectionStatus[]): number => injectionFigures(specs, statuses, now).overdueSeconds;
    expect(late(is('a', 'stuck'), is('b', 'active'), is('c', 'reverted'))).toBe(30);
    expect(late(is('a', 'reverted'), is('b', 'lifted'), is('c', 'spent'))).toBe(0);
    expect(late(is('a', 'reverted'), is('b', 'reverting'))).toBe(100);
  });
});

test('metrics are written as Prometheus reads them', () => {
  const samples = [{ labels: { phase: 'a "b"\\\n' }, value: 1.5 }, { value: 0 }];
  expect(metricsText([{ name: 'm', help: 'one\ntwo', type: 'gauge', samples }])).toBe(
    '# HELP m one\\ntwo\n# TYPE m gauge\nm{phase="a \\"b\\"\\\\\\n"} 1.5\nm 0\n',
  );
  expect(metricsText([{ name: 'm', help: 'none', type: 'gauge', samples: [] }])).toBe('');
});

describe("what the cluster's agent says of itself", () => {
  const clock = { ...systemClock, now: () => now };
  const records = {
    readSpecs: async () => [endsIn('a', -30)],
    readStatuses: async () => [is('a', 'stuck')],
    readHalt: async () => ({ by: 'me', why: 'x', at: new Date(now).toISOString() }),
  };

  test('has no word of injections while another leads', async () => {
    const metrics = createAgentMetrics({ version: '1.2.3', clock });
    const text = await metrics.text();
    expect(text).toContain('firedrill_build_info{version="1.2.3"} 1\n');
    expect(text).toContain('firedrill_leader 0\n');
    expect(text).not.toMatch(/injection|readable|last_error/);
  });

  test('has every figure while it leads, and every phase, so that none is missing when it comes', async () => {
    const metrics = createAgentMetrics({ version: '1', clock });
    metrics.leads(records);
    metrics.logged('warn');
    metrics.logged('error');
    const text = await metrics.text();
    for (const name of Object.values(metricNames)) expect(text).toContain(`# TYPE ${name} `);
    expect(text).toContain('firedrill_leader 1\n');
    expect(text).toContain('firedrill_injections{phase="stuck"} 1\n');
    expect(text).toContain('firedrill_injections{phase="active"} 0\n');
    expect(text).toContain('firedrill_injection_overdue_seconds 30\n');
    expect(text).toContain('firedrill_halted 1\n');
    expect(text).toContain('firedrill_logged_problems_total{level="error"} 1\n');
    expect(text).toContain(`firedrill_last_error_timestamp_seconds ${now / 1000}\n`);
  });

  test('says that it cannot see the records, and no figure that would be a guess', async () => {
    const metrics = createAgentMetrics({ version: '1', clock });
    metrics.leads({ ...records, readStatuses: () => Promise.reject(new Error('away')) });
    const text = await metrics.text();
    expect(text).toContain('firedrill_records_readable 0\n');
    expect(text).not.toMatch(/firedrill_injection|halted/);
  });
});
