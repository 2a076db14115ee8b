import type { Figure } from '../harness/figure.ts';
import { breachToRevert } from './breach-to-revert.ts';
import { historyByHold } from './history-by-hold.ts';
import { kubernetesFigures } from './kubernetes/index.ts';
import { killMatrix } from './kill-matrix.ts';
import { releaseSkew } from './release-skew.ts';
import { revertNetworkLatency } from './revert-network-latency.ts';
import { startup } from './startup.ts';
import { ttdBounds } from './ttd-bounds.ts';

/** In the order of the table. */
export const figures: readonly Figure[] = [
  breachToRevert,
  killMatrix,
  revertNetworkLatency,
  releaseSkew,
  ttdBounds,
  historyByHold,
  startup,
  ...kubernetesFigures,
];
