import type { ImageRecipe } from '../image-builder/recipe.ts';
import type { GoProgramName } from '../go-programs.ts';

/** What the cluster itself runs, and what its monitoring needs: each one program without anything beside it. */
const program = (name: GoProgramName, user: string): ImageRecipe => ({
  name,
  layers: [{ built: name, to: `/usr/bin/${name}` }],
  entrypoint: [`/usr/bin/${name}`],
  user,
});

const nobody = '65534:65534';

export const clusterImages: readonly ImageRecipe[] = [
  program('pause', nobody),
  program('coredns', '0:0'),
  program('metrics-server', nobody),
  program('kube-state-metrics', nobody),
  program('node-exporter', nobody),
];
