import type { ImageRecipe } from '../image-builder/recipe.ts';
import { goProgramImage, nobody } from './go-program.ts';

/** What the cluster itself runs. */
export const clusterImages: readonly ImageRecipe[] = [
  goProgramImage('pause', nobody),
  goProgramImage('coredns', '0:0'),
  goProgramImage('metrics-server', nobody),
];
