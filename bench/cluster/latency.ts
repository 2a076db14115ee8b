import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { Asked } from './cluster-run.ts';

/** `network-latency` on a link, 100 ms unless it is said. */
export function latencyOn(target: TargetRef, params: JsonObject = {}): Asked {
  return {
    fault: 'network-latency',
    agent: 'node',
    target,
    params: { delay: '100ms', connections: 'keep', probePath: '/health', ...params },
  };
}
