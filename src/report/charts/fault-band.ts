import type { RunRecord } from '../../domain/run-record.ts';

/** When a fault was on, for the drawings; null when none was, or when all were events, over as they happened. ISO. */
export function faultBandOf({ clocks, run, injections }: RunRecord): { readonly from: string; readonly to: string } | null {
  if (clocks.t0 === null || injections.every(({ status }) => status?.phase === 'spent')) return null;
  return { from: clocks.t0.at, to: clocks.reverted?.at ?? run.endedAt };
}

/** What is shaded, for a caption. */
export function bandWords(record: RunRecord): string {
  return faultBandOf(record) === null ? '' : ' Shaded: the fault.';
}
