import { AppError } from '../domain/errors.ts';
import { choose, countOf } from '../domain/plan/choose.ts';
import type { PlannedInjection, TargetRef } from '../domain/plan/plan.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';
import type { Experiment, ExperimentTarget } from '../spec/experiment.ts';

interface Resolution {
  readonly environment: Pick<Environment, 'name' | 'policy' | 'services'>;
  readonly platform: Platform;
  readonly seed: number;
  /** Targets of the faults before it: no target has two. */
  readonly taken: readonly TargetRef[];
}

type Step = Experiment['faults'][number];

/** One fault's injections: candidates, a seeded choice, and the caps. Errors: `target/none`, `plan/blast-radius`. */
export async function resolveStep(
  { fault, target, params }: Step,
  step: number,
  resolution: Resolution,
): Promise<PlannedInjection[]> {
  const candidates = await resolution.platform.resolve(target.selector);
  // All members that should be there: what is down already must not make the rest look like fewer.
  const of = Math.max(candidates.length, await resolution.platform.membersOf(target.selector));
  const chosen = select(target, { candidates, of }, step, resolution);
  const selected = chosen.length;
  const percent = Math.round((selected / of) * 1000) / 10;
  const rule = `${selected} of ${of} ${placeOf(target)}${of > 1 ? `, seed ${resolution.seed}` : ''}`;
  return chosen.map((ref, index) => ({
    step,
    ordinal: index + 1,
    stage: 1,
    fault,
    params,
    target: ref,
    selection: { selected, of, percent, rule },
  }));
}

function select(
  target: ExperimentTarget,
  { candidates, of }: { readonly candidates: readonly TargetRef[]; readonly of: number },
  step: number,
  resolution: Resolution,
): TargetRef[] {
  const { environment, seed, taken } = resolution;
  const place = placeOf(target);
  if (candidates.length === 0) {
    const known = Object.keys(environment.services).join(', ') || 'none';
    throw new AppError(
      'target/none',
      `nothing of ${place} is there now in environment ${environment.name}. Start it, or correct the target. Services: ${known}`,
    );
  }
  const count = countOf(target.amount, of);
  if (count > candidates.length) {
    throw new AppError('target/none', `${count} of ${place} are wanted, and ${candidates.length} are there now. Ask for fewer`);
  }
  const free = candidates.filter((candidate) => !taken.some((other) => isSame(other, candidate)));
  const gone = candidates.length - free.length;
  if (count > free.length) {
    throw new AppError(
      'plan/blast-radius',
      `${count} of ${place} ${count === 1 ? 'is' : 'are'} wanted, and ${free.length} of ${candidates.length} ${free.length === 1 ? 'is' : 'are'} left: faults before it take the others, and no target has two faults. Ask for fewer`,
    );
  }
  if (target.selector.kind === 'member') refuseTooMany(target, count + gone, of, environment);
  return choose(free, count, seed + step - 1);
}

/** By name: a process that took the place of another is the same target. */
function isSame(one: TargetRef, other: TargetRef): boolean {
  return one.kind === other.kind && one.service === other.service && one.name === other.name;
}

function refuseTooMany(target: ExperimentTarget, count: number, of: number, { name, policy }: Resolution['environment']): void {
  const all = count === of;
  const what = `${count} of ${of} ${placeOf(target)}`;
  if (target.allowAll && policy.allowAll) return;
  if (all) {
    throw new AppError(
      'plan/blast-radius',
      `${what} would be every member. Take fewer, or write allowAll: true in the target and in the policy of environment ${name}`,
    );
  }
  if ((count / of) * 100 > policy.maxPercent + 1e-9) {
    throw new AppError(
      'plan/blast-radius',
      `${what} are more than the ${policy.maxPercent} % that environment ${name} allows (policy.maxPercent). Take fewer`,
    );
  }
}

function placeOf({ selector }: ExperimentTarget): string {
  switch (selector.kind) {
    case 'member':
    case 'workload':
      return selector.service;
    case 'config':
      return `config ${selector.service}/${selector.config}`;
    case 'node':
      return selector.node ?? (selector.zone === null ? 'nodes' : `nodes of zone ${selector.zone}`);
    case 'link':
      return `link ${selector.service} to ${selector.to}`;
    case 'volume':
      return `volume ${selector.service}/${selector.volume}`;
    case 'postgres':
      return `postgres ${selector.service}/${selector.postgres}`;
  }
}
