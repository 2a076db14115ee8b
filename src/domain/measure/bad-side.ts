import type { MeasurementInput } from './input.ts';

/** Kinds on the timeline, told before anything is touched. */
export const badSideKinds = { unseen: 'run.bad-side-unseen', unknown: 'run.bad-side-unknown' } as const;

export interface BadSide {
  readonly probe: string;
  readonly text: string;
  /** It cannot be bad as it is written. */
  readonly unknown: boolean;
}

/** Ratio probes that had seen nothing bad before the run, and saw nothing bad in it: their 0 may be a slip in the selector. */
export function unseenBadSides({ timeline, samples }: Pick<MeasurementInput, 'timeline' | 'samples'>): readonly BadSide[] {
  const proven = new Set(samples.filter(({ value }) => value !== null && value > 0).map(({ probe }) => probe));
  const told = timeline.flatMap(({ kind, text, data }): BadSide[] => {
    const probe = data?.['probe'];
    const unknown = kind === badSideKinds.unknown;
    return typeof probe === 'string' && (unknown || kind === badSideKinds.unseen) ? [{ probe, text, unknown }] : [];
  });
  // The baseline may have been sampled twice, by two workers.
  const last = new Map(told.map((side) => [side.probe, side]));
  return [...last.values()].filter(({ probe }) => !proven.has(probe));
}
