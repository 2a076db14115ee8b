import { AppError } from '../domain/errors.ts';
import { membersOf } from '../domain/plan/limits.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { stagesOf } from '../domain/plan/stages.ts';
import { draw } from '../domain/plan/strategies.ts';
import type { Candidate, Survey } from '../domain/plan/survey.ts';
import type { ExperimentTarget } from '../spec/target.ts';
import type { Resolution } from './resolve-targets.ts';

export interface Choice {
  /** By stage. */
  readonly chosen: readonly (readonly Candidate[])[];
  /** Words that follow `3 of 6 payments-api`. */
  readonly how: string;
}

interface Place {
  readonly target: ExperimentTarget;
  readonly survey: Survey;
  readonly place: string;
}

/** Errors: `target/none`, `plan/blast-radius`. */
export function chooseTargets({ target, survey, place }: Place, step: number, { environment, seed, taken }: Resolution): Choice {
  const { candidates, aside } = survey;
  const { choice } = target;
  if (candidates.length === 0) throw nothingThere(place, aside, environment);
  const free = candidates.filter(({ target }) => !taken.some((other) => isSame(other.target, target)));
  if (choice.by === 'name') return { chosen: [named(choice.names, free, place, survey)], how: ', by name' };

  // All members that should be there: what is down already must not make the rest look like fewer.
  const of = survey.counts === 'members' ? membersOf(survey) : candidates.length;
  const stages = stagesOf(choice.amounts, of);
  if ('problem' in stages) throw new AppError('plan/blast-radius', `${place}: ${stages.problem}`);
  const count = stages.adds.reduce((sum, add) => sum + add, 0);
  if (count > candidates.length) {
    throw new AppError(
      'target/none',
      `${count} of ${place} are wanted, and ${candidates.length} are there now${asideText(aside)}. Ask for fewer`,
    );
  }
  if (count > free.length) {
    throw new AppError(
      'plan/blast-radius',
      `${count} of ${place} ${count === 1 ? 'is' : 'are'} wanted, and ${free.length} of ${candidates.length} ${free.length === 1 ? 'is' : 'are'} left: faults before it take the others, and no target has two faults. Ask for fewer`,
    );
  }
  const drawn = draw(choice.by, free, count, seed + step - 1);
  if ('problem' in drawn) {
    throw new AppError(
      'target/none',
      `${count} of ${place} are wanted by strategy ${choice.by}, and ${drawn.problem}. Ask for fewer, or by another strategy`,
    );
  }
  const order = (candidate: Candidate): number => candidates.indexOf(candidate);
  let before = 0;
  const chosen = stages.adds.map((add) => {
    const stage = drawn.drawn.slice(before, before + add).toSorted((a, b) => order(a) - order(b));
    before += add;
    return stage;
  });
  const said = [
    ...(choice.amounts.length > 1 || 'ratio' in choice.amounts[0]! ? [stages.text] : []),
    ...(choice.by === 'random' ? [] : [choice.by]),
  ];
  return { chosen, how: `${said.length === 0 ? '' : ` (${said.join('; ')})`}${candidates.length > 1 ? `, seed ${seed}` : ''}` };
}

function named(names: readonly string[], free: readonly Candidate[], place: string, { aside }: Survey): Candidate[] {
  return names.map((name) => {
    const found = free.find(({ target }) => target.name === name || target.locator['pod'] === name);
    if (found !== undefined) return found;
    const why = aside.find((other) => other.name === name)?.why ?? 'is not there, or has a fault already';
    const there = free.map(({ target }) => target.name).join(', ') || 'none';
    throw new AppError('target/none', `${place}: ${name} ${why}. There are: ${there}`);
  });
}

function nothingThere(place: string, aside: Survey['aside'], { name, services }: Resolution['environment']): AppError {
  const known = Object.keys(services).join(', ') || 'none';
  return new AppError(
    'target/none',
    `nothing of ${place} is there now in environment ${name}${asideText(aside)}. Start it, or correct the target. Services: ${known}`,
  );
}

function asideText(aside: Survey['aside']): string {
  return aside.length === 0 ? '' : ` (${aside.map(({ name, why }) => `${name} ${why}`).join('; ')})`;
}

/** By name: a process that took the place of another is the same target. */
function isSame(one: TargetRef, other: TargetRef): boolean {
  return one.kind === other.kind && one.service === other.service && one.name === other.name;
}
