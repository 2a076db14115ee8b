import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { Selector } from '../../src/domain/plan/selector.ts';
import { plainSurvey } from '../../src/domain/plan/survey.ts';
import type { Survey } from '../../src/domain/plan/survey.ts';
import type { Platform } from '../../src/ports/platform.ts';

/** These targets are there and well; `around` tells what else is known of them. */
export function fakePlatform(
  there: readonly TargetRef[] | ((selector: Selector) => readonly TargetRef[]),
  around: Partial<Survey> = {},
): Platform {
  const resolve = (selector: Selector): readonly TargetRef[] => (typeof there === 'function' ? there(selector) : there);
  const counts = ({ kind }: Selector): Survey['counts'] =>
    kind === 'member' ? 'members' : kind === 'node' ? 'nodes' : 'nothing';
  return {
    resolve: async (selector) => resolve(selector),
    survey: async (selector) => ({ ...plainSurvey(resolve(selector), 0, counts(selector)), ...around }),
    problemWith: async () => null,
  };
}
