import type { Outcome } from '../run-record.ts';

/** The command line's exit code for a finished run (architecture, section 7). The first that applies wins. */
export function exitCodeOf({ outcome }: { readonly outcome: Pick<Outcome, 'hypothesis' | 'ending' | 'cleanup'> }): number {
  if (outcome.cleanup === 'dirty') return 5;
  if (outcome.ending === 'not-started') return 3;
  if (outcome.ending === 'aborted') return 6;
  if (outcome.ending === 'failed' || outcome.hypothesis === 'inconclusive') return 4;
  return outcome.hypothesis === 'broken' ? 1 : 0;
}
