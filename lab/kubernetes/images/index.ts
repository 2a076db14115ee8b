import type { ImageRecipe } from '../image-builder/recipe.ts';
import { agent } from './agent.ts';
import { app } from './app.ts';
import { clusterImages } from './cluster.ts';
import { databaseImages } from './databases.ts';
import { kafka } from './kafka.ts';
import { monitoringImages } from './monitoring.ts';
import { tools } from './tools.ts';

/**
 * Every image of the lab. To add one:
 *
 * 1. Write `lab/kubernetes/images/<name>.ts` with an `ImageRecipe` (image-builder/recipe.ts says what a layer can be: files of
 *    Debian packages with the libraries they need, of our own tree, of node_modules, a program of lab/kubernetes/go, or made
 *    here). runtime.ts has layers to share: `node`, `shell`, `shellLinks`. What changes often comes last.
 * 2. Name it in the list below.
 * 3. `npm run cluster:images -- <name>`: builds it, and brings it into every running node.
 * 4. In a manifest: `image: firedrill.local/<name>:dev` and `imagePullPolicy: IfNotPresent`. There is no registry.
 *
 * A pod that runs keeps the image it has; `kubectl rollout restart` takes the new one.
 */
export const images: readonly ImageRecipe[] = [
  ...clusterImages,
  agent,
  app,
  tools,
  ...databaseImages,
  kafka,
  ...monitoringImages,
];

/** What a new cluster is brought: the demo brings its own monitoring, which takes minutes to build. */
export const firstImages: readonly string[] = images.filter((image) => !monitoringImages.includes(image)).map(({ name }) => name);
