import { commentedYaml } from './commented-yaml.ts';
import type { Discovery } from './discovery.ts';
import type { DraftNames } from './draft-names.ts';

/** OpenSLO v1, over the counters of the best error probe; null when no counters were found. */
export function draftSlo({ errors, service }: Discovery, { slo }: DraftNames): string | null {
  const best = errors[0];
  if (best?.counters == null) return null;
  const metric = (query: string): object => ({ metricSource: { type: 'Prometheus', spec: { query } } });
  const value = {
    apiVersion: 'openslo/v1',
    kind: 'SLO',
    metadata: { name: slo, displayName: `${service} answers` },
    spec: {
      service,
      indicator: {
        metadata: { name: `${slo}-ratio` },
        spec: { ratioMetric: { counter: true, bad: metric(best.counters.bad), total: metric(best.counters.total) } },
      },
      timeWindow: [{ duration: '28d', isRolling: true }],
      budgetingMethod: 'Occurrences',
      objectives: [{ displayName: 'success', target: 0.999 }],
    },
  };
  return commentedYaml(`Written by firedrill init: ${best.because}.`, value, [
    { path: ['spec', 'objectives'], text: 'A usual objective, not a measured one: put what you promised your users.' },
  ]);
}
