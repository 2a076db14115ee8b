import type { ImageRecipe } from '../image-builder/recipe.ts';
import { node } from './runtime.ts';

/** The agent of the cluster and of its nodes: our program, and what faults call. No shell; `cat` reads what is in other namespaces. */
export const agent: ImageRecipe = {
  name: 'agent',
  layers: [
    ...node,
    {
      debian: ['iproute2', 'nftables', 'util-linux', 'conntrack', 'stress-ng', 'coreutils'],
      take: [
        ...['ip', 'ss', 'tc', 'nft', 'nsenter', 'unshare', 'conntrack', 'stress-ng', 'setpriv', 'fallocate', 'cat'].map(
          (name) => `/usr/*bin/${name}`,
        ),
        '/usr/lib/x86_64-linux-gnu/tc/*.dist',
      ],
    },
    {
      files: {
        '/agent/cluster': { link: '/app/src/compose/cluster-agent.js' },
        '/agent/node': { link: '/app/src/compose/node-agent.js' },
        '/agent/runner': { link: '/app/src/compose/runner.js' },
      },
    },
    { bundle: 'agent', to: '/app' },
  ],
  compiled: { programs: ['/agent/cluster', '/agent/node', '/agent/runner'], to: '/agent/compiled' },
  entrypoint: ['/usr/bin/node', '--no-warnings'],
  environment: { NODE_ENV: 'production', NODE_COMPILE_CACHE: '/agent/compiled' },
  workingDirectory: '/app',
};
