import { isMember, limitProblems } from '../domain/plan/limits.ts';
import type { Limits } from '../domain/plan/limits.ts';
import type { Plan, PlannedInjection } from '../domain/plan/plan.ts';
import type { Survey } from '../domain/plan/survey.ts';
import type { Platform } from '../ports/platform.ts';
import type { Guard } from './guard.ts';

/** The plan's own limits, held against what is there now: services are scaled and pods die between planning and now. */
export const blastRadius: Guard = {
  name: 'blast-radius',
  async check({ plan, platform }) {
    const problems = await radiusProblems(plan, platform);
    return problems.length === 0
      ? { result: 'ok', reason: 'within the limits of the environment' }
      : { result: 'blocked', reason: `${problems.join('; ')}. Plan again` };
  },
};

/** What the stages up to this one would break beyond the limits; an earlier stage's dead are gone already. Plans without limits have none. */
export async function radiusProblems(plan: Plan, platform: Platform, stage = Number.POSITIVE_INFINITY): Promise<string[]> {
  const { environment, limits } = plan;
  if (limits === undefined) return [];
  const steps = plan.steps.filter((step) => step.stage <= stage);
  const agents = environment.platform === 'host' ? null : environment.cluster.namespace;
  const services = Map.groupBy(
    steps.filter(({ target }) => isMember(target)),
    ({ target }) => target.service,
  );
  const workloads = Map.groupBy(
    steps.filter(({ target }) => target.kind === 'workload'),
    ({ target }) => target.service,
  );
  const nodes = steps.filter(({ target }) => target.kind === 'node');
  const problems = await Promise.all([
    ...[...services].map(async ([service, own]) => {
      const survey = await platform.survey({ kind: 'member', service });
      // Two services of an environment may be the same pods.
      const here = new Set(survey.candidates.map((candidate) => candidate.target.uid));
      const others = steps.filter(({ target }) => target.service !== service && isMember(target) && here.has(target.uid));
      return problemsOf(service, [...own, ...others], survey, { environment, limits, agents });
    }),
    ...[...workloads].map(async ([service, own]) => {
      const survey = await platform.survey({ kind: 'workload', service });
      return problemsOf(service, own, survey, { environment, limits, agents });
    }),
    ...(nodes.length === 0 ? [] : [nodeProblems(nodes, platform, { environment, limits, agents })]),
  ]);
  return problems.flat();
}

interface Rules {
  readonly environment: { readonly name: string };
  readonly limits: Limits;
  readonly agents: string | null;
}

/** Node by node: what runs beside them is asked of each anyway. */
async function nodeProblems(steps: readonly PlannedInjection[], platform: Platform, rules: Rules): Promise<string[]> {
  const surveys = await Promise.all(
    steps.map(({ target: { name } }) => platform.survey({ kind: 'node', node: name, zone: null })),
  );
  const [first] = surveys;
  if (first === undefined) return [];
  const together: Survey = {
    ...first,
    candidates: surveys.flatMap(({ candidates }) => candidates),
    neighbours: surveys.flatMap(({ neighbours }) => neighbours),
  };
  return problemsOf('nodes', steps, together, rules);
}

function problemsOf(what: string, steps: readonly PlannedInjection[], survey: Survey, rules: Rules): string[] {
  const { environment, limits, agents } = rules;
  const targetsOf = (some: readonly PlannedInjection[]) => some.map(({ target }) => target);
  const allowed = {
    all: steps.every((step) => step.allowed?.all === true),
    critical: steps.every((step) => step.allowed?.critical === true),
  };
  const disrupted = targetsOf(steps.filter(({ disrupts }) => disrupts === true));
  const impact = { what, environment: environment.name, targets: targetsOf(steps), disrupted, survey, allowed };
  return limitProblems(impact, limits, agents);
}
