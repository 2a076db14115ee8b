import { questionOf } from '../domain/injection/question.ts';
import { injectionIdOf } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { TimelineEvent } from '../domain/run-record.ts';
import type { InjectionView } from './injection-watch.ts';
import type { Recorder } from './recorder.ts';

const kind = 'injection.asks';

/** Tells the timeline once what a person is asked to do by hand. `earlier`: what the step before, or a worker that died, has told. */
export function createQuestionNarrator(
  recorder: Pick<Recorder, 'event'>,
  { runId, plan, earlier }: { readonly runId: string; readonly plan: Plan; readonly earlier: readonly TimelineEvent[] },
): (view: InjectionView) => void {
  const steps = new Map(plan.steps.map((step) => [injectionIdOf(runId, step), step]));
  const told = new Set(earlier.filter((event) => event.kind === kind).map(({ data }) => `${data?.['id']} ${data?.['word']}`));
  return ({ statuses }) => {
    for (const status of statuses) {
      const step = steps.get(status.id);
      const question = step?.byHand === undefined ? null : questionOf(step.byHand, status);
      if (step === undefined || question === null || told.has(`${status.id} ${question.word}`)) continue;
      told.add(`${status.id} ${question.word}`);
      recorder.event({
        source: 'run',
        kind,
        text: `${step.fault} on ${step.target.service}/${step.target.name} asks a person: ${question.text}`,
        data: { id: status.id, word: question.word },
      });
    }
  };
}
