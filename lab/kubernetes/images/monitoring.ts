import type { ImageRecipe } from '../image-builder/recipe.ts';
import { goProgramImage, nobody } from './go-program.ts';

/** What watches the demo system. */
export const monitoringImages: readonly ImageRecipe[] = [
  goProgramImage('prometheus', nobody),
  goProgramImage('kube-state-metrics', nobody),
  goProgramImage('node-exporter', nobody),
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
