import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { Asked } from './cluster-run.ts';

/** `network-latency` on a link, 100 ms by the relay unless it is said otherwise. */
export function latencyOn(target: TargetRef, params: JsonObject = {}): Asked {
  const engine = params['engine'] ?? 'relay';
  // Each engine knows one of the two: a queue delays every packet, a relay gets new connections only.
  const connections = engine === 'netem' ? 'slow' : 'keep';
  return {
    fault: 'network-latency',
    agent: 'node',
    target,
    params: { delay: '100ms', engine, connections, probePath: '/health', ...params },
  };
}
