import type { Figure } from '../harness/figure.ts';

/** In the order of the table. */
export const figures: readonly Figure[] = [];
