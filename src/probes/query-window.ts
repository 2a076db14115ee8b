import { reachOf } from './shared/promql.ts';
import type { ProbeSource } from '../domain/plan/plan.ts';

/**
 * Seconds for which an event goes on to count in a probe's value: the longest range inside its queries. 0 when it looks at
 * the moment alone.
 */
export function windowSecondsOf(source: ProbeSource): number {
  switch (source.type) {
    case 'http':
      return 0;
    case 'prometheus':
      return reachOf(source.query);
    case 'prometheus-ratio':
      return Math.max(reachOf(source.bad), reachOf(source.total));
  }
}
