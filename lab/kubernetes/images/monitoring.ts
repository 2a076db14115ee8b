import type { ImageRecipe } from '../image-builder/recipe.ts';

const nobody = '65534:65534';

export const monitoringImages: readonly ImageRecipe[] = [
  {
    name: 'prometheus',
    layers: [{ built: 'prometheus', to: '/usr/bin/prometheus' }],
    entrypoint: ['/usr/bin/prometheus'],
    user: nobody,
  },
  // Debian's build, as the host stack runs it.
  {
    name: 'alertmanager',
    layers: [
      { debian: ['prometheus-alertmanager'], take: ['/usr/bin/prometheus-alertmanager', '/usr/share/prometheus/alertmanager'] },
    ],
    entrypoint: ['/usr/bin/prometheus-alertmanager'],
    user: nobody,
  },
];
