import type { Demand } from '../admission-policy.ts';

/** In a token that is bound to a pod, the API server says which node that is on: no agent can say it itself. */
export const ofToken = (what: 'node-name' | 'pod-name'): string =>
  `request.userInfo.?extra[?"authentication.kubernetes.io/${what}"][?0].orValue("")`;
export const isBound: Demand = {
  expression: 'variables.node != ""',
  message: 'the token of a node agent must be one that the kubelet gave its pod, which names a node (Kubernetes 1.30 and later)',
};
