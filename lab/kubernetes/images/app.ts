import type { ImageRecipe } from '../image-builder/recipe.ts';
import { node, shell, shellLinks } from './runtime.ts';

/** Every demo service: which one, its arguments say, for instance `/app/lab/app/payments-api.ts`. */
export const app: ImageRecipe = {
  name: 'app',
  layers: [
    ...node,
    shell,
    shellLinks,
    { npm: ['pg', 'prom-client', 'opossum'], to: '/app' },
    { source: { 'package.json': '/app/package.json', 'lab/app': '/app/lab/app' } },
  ],
  entrypoint: ['/usr/bin/node'],
  user: '65534:65534',
  environment: { NODE_ENV: 'production' },
  workingDirectory: '/app',
};
