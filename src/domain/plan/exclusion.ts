/** Whoever owns an object sets this on it, and it is never a target. */
export const excludeAnnotation = 'firedrill.dev/exclude';

interface Annotated {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}

export function isExcluded({ metadata }: Annotated): boolean {
  const value = metadata?.annotations?.[excludeAnnotation];
  return value !== undefined && value !== 'false';
}

/** By itself, or in the name of every pod that it makes. */
export function isExcludedWorkload(workload: Annotated & { readonly spec?: unknown }): boolean {
  const { template = {} } = (workload.spec ?? {}) as { readonly template?: Annotated };
  return isExcluded(workload) || isExcluded(template);
}
