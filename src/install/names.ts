/** What is installed, by name: in `firedrill` unless the namespace is called otherwise, and in the namespace of node agents. */
export const names = {
  clusterAgent: 'firedrill-cluster-agent',
  nodeAgent: 'firedrill-node-agent',
  worker: 'firedrill-worker',
  leaderLease: 'firedrill-cluster-agent',
} as const;

/** Where our programs are in the image. */
export const programs = {
  node: '/usr/bin/node',
  clusterAgent: '/agent/cluster',
  nodeAgent: '/agent/node',
  runner: '/agent/runner',
} as const;

/** Both agents answer there while they live. */
export const alivePort = 8086;

/** So does the runner, which has its agent's address. */
export const runnerAlivePort = 8087;

/** Its value is the namespace of the installation. */
export const instanceLabel = 'app.kubernetes.io/instance';

export const partOf = { 'app.kubernetes.io/part-of': 'firedrill' } as const;
