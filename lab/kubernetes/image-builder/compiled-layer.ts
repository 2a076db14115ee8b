import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../../host/programs.ts';
import { contentHash } from '../content-hash.ts';
import type { PlannedLayer } from './layer.ts';
import { placed } from './place.ts';
import type { CompiledPrograms } from './recipe.ts';

/** What Node compiled of the programs, in the image that these layers make: the cache knows files by their paths there. */
export function compiledLayer(
  { programs, to }: CompiledPrograms,
  below: readonly PlannedLayer[],
  fileOf: (layer: PlannedLayer) => string,
): PlannedLayer {
  return {
    hash: contentHash([programs, to, below.map((layer) => layer.hash)]),
    needs: [],
    async fill(folder) {
      const image = join(folder, '..', 'image');
      mkdirSync(image);
      for (const layer of below) await runToEnd(['tar', '-C', image, '-xf', fileOf(layer)]);
      for (const program of programs) await runWithoutArguments(image, program, to);
      // Written for the user that wrote it: the image's may be another.
      await runToEnd(['chmod', '--recursive', 'a+rX', join(image, to)]);
      await runToEnd(['cp', '-r', '--preserve=mode', join(image, to), placed(folder, to)]);
    },
  };
}

/** It says how it is used and ends with an error, having loaded everything. */
async function runWithoutArguments(image: string, program: string, cache: string): Promise<void> {
  try {
    await runToEnd(['chroot', image, '/usr/bin/node', '--no-warnings', program], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: cache },
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 2) throw error;
  }
}
