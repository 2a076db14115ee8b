import type { ImageRecipe } from '../image-builder/recipe.ts';
import { shell, shellLinks } from './runtime.ts';

/** For people and tests that look from inside: a shell, HTTP and DNS clients, and what shows or sets a network namespace. */
export const tools: ImageRecipe = {
  name: 'tools',
  layers: [
    shell,
    {
      debian: ['bash', 'curl', 'ca-certificates', 'iproute2', 'nftables', 'util-linux', 'procps', 'conntrack'],
      take: [
        ...['curl', 'ip', 'ss', 'tc', 'nft', 'nsenter', 'unshare', 'conntrack'].map((name) => `/usr/*bin/${name}`),
        // netem's distributions, and the names of tc's extended matches.
        '/usr/lib/x86_64-linux-gnu/tc/*.dist',
        '/etc/iproute2',
      ],
    },
    shellLinks,
  ],
  entrypoint: ['/usr/bin/sh'],
};
