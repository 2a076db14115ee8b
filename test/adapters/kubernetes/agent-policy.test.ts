import { describe, expect, test } from '@jest/globals';
import { parseClusterPolicy } from '../../../src/adapters/kubernetes/agent-policy.ts';

const small = 'environment: staging\nallowFaults: [pod-kill]\nallowNamespaces: [payments]\n';

describe("the policy of a cluster's agents", () => {
  test('needs little, and denies what nothing opens', () => {
    const policy = parseClusterPolicy(`${small}denyNamespaces: [vault]\n`, 'drills');
    expect(policy).toMatchObject({ allowNodes: [], leaseSeconds: { min: 10, max: 60 }, maxDurationSeconds: 1800 });
    expect(policy.denyNamespaces).toEqual(
      expect.arrayContaining(['kube-system', 'cert-manager', 'monitoring', 'drills', 'drills-nodes', 'vault']),
    );
  });

  test.each([
    ['a namespace that nothing opens', small.replace('payments', 'kube-system'), /nothing opens kube-system/],
    ["the agents' own namespace", small.replace('payments', 'drills-nodes'), /nothing opens drills-nodes/],
    ['a key that there is not', `${small}allowNamespace: [data]\n`, /allowNamespace/],
    ['a lease whose bounds are the wrong way round', `${small}leaseSeconds: { min: 9, max: 3 }\n`, /min is more than max/],
    ['what is no mapping', '- a\n', /ConfigMap firedrill-policy/],
  ])('is refused for %s, and says where it is', (_what, text, message) => {
    expect(() => parseClusterPolicy(text, 'drills')).toThrow(message);
    expect(() => parseClusterPolicy(text, 'drills')).toThrow(/cluster-policy/);
  });
});
