import type { Sample, SampleClass } from '../../../src/domain/measure/sample.ts';
import type { PlannedProbe } from '../../../src/domain/plan/plan.ts';

export const start = Date.parse('2026-01-01T10:00:00.000Z');

/** ISO time so many seconds after the start of the story. */
export function at(seconds: number): string {
  return new Date(start + Math.round(seconds * 1000)).toISOString();
}

export function probeLike(overrides: Partial<PlannedProbe> = {}): PlannedProbe {
  return {
    name: 'errors',
    roles: ['abort', 'steady-state'],
    source: { type: 'prometheus-ratio', bad: 'bad', total: 'total' },
    comparator: '<',
    threshold: 0.05,
    unit: 'ratio',
    intervalSeconds: 1,
    timeoutSeconds: 0.5,
    maxAgeSeconds: 5,
    minEvents: 10,
    breach: { n: 2, m: 3 },
    hardLimit: null,
    holdAfterSeconds: 3,
    abortAfterSeconds: 6,
    userJourney: true,
    ...overrides,
  };
}

export function sampleLike(seconds: number, sampleClass: SampleClass, value: number | null = null): Sample {
  const shown = value ?? (sampleClass === 'good' ? 0 : sampleClass === 'bad' ? 0.2 : null);
  return { probe: 'errors', at: at(seconds), sourceAt: null, value: shown, class: sampleClass, latencyMs: 5, note: null };
}
