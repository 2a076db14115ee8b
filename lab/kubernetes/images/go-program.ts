import type { GoProgramName } from '../go-programs.ts';
import type { ImageRecipe } from '../image-builder/recipe.ts';

/** One program of lab/kubernetes/go, without anything beside it. `user`: `uid:gid`. */
export const goProgramImage = (name: GoProgramName, user: string): ImageRecipe => ({
  name,
  layers: [{ built: name, to: `/usr/bin/${name}` }],
  entrypoint: [`/usr/bin/${name}`],
  user,
});

export const nobody = '65534:65534';
