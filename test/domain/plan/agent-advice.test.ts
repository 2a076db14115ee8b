import { expect, test } from '@jest/globals';
import { agentAdvice, cleanupAdvice } from '../../../src/domain/plan/agent-advice.ts';

test('what is advised fits the platform: a cluster has no sweep and no policy file', () => {
  const cluster = { platform: 'kubernetes', cluster: { context: null, kubeconfig: null, namespace: 'drills' } } as const;
  expect(agentAdvice(cluster)).toContain('kubectl -n drills get pods');
  expect(cleanupAdvice(cluster)).toContain('kubectl -n drills get pods,injections');
  const host = { platform: 'host', stateDirectory: '/state' } as const;
  expect(agentAdvice(host)).toContain('firedrill agent --policy FILE');
  expect(cleanupAdvice(host)).toContain('firedrill sweep');
});
