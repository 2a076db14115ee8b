import type { TargetRef } from './plan.ts';

/** What became of a planned target among those that are there now; null when it is the very same. */
export function targetChange(planned: TargetRef, there: readonly TargetRef[]): string | null {
  const name = `${planned.service}/${planned.name}`;
  const now = there.find((target) => target.name === planned.name);
  if (now === undefined) return `${planned.kind} ${name} is not there any more`;
  return now.uid === planned.uid
    ? null
    : `${planned.kind} ${name} was planned as ${planned.uid} and is ${now.uid} now: it was replaced`;
}
