import { AppError } from '../errors.ts';
import type { Action, GameDayRecord, ScenarioRecord } from './record.ts';

/** One action per finding, due when the plan says; who does it is for people to say. */
export function draftActions(
  scenarios: readonly Pick<ScenarioRecord, 'name' | 'findings'>[],
  dueAtMs: number,
): readonly Action[] {
  const due = new Date(dueAtMs).toISOString().slice(0, 10);
  return scenarios
    .flatMap(({ name, findings }) => findings.map((finding) => ({ scenario: name, finding })))
    .map(({ scenario, finding }, index) => ({
      id: `A${index + 1}`,
      scenario,
      finding: finding.text,
      text: finding.draftAction,
      owner: null,
      due,
    }));
}

/** What people decided about one action; what is left out stays as drafted. */
export interface ActionDecision {
  readonly id: string;
  readonly owner?: string | null | undefined;
  readonly due?: string | null | undefined;
  readonly text?: string | undefined;
}

/** The record, closed. Errors: `spec/invalid` while an action lacks owner or due date, or a decision names no action. */
export function closeGameDay(record: GameDayRecord, decisions: readonly ActionDecision[], closedAt: string): GameDayRecord {
  const known = new Set(record.actions.map(({ id }) => id));
  const actions = record.actions.map((action) => {
    const decided = decisions.find(({ id }) => id === action.id);
    return {
      ...action,
      text: decided?.text ?? action.text,
      owner: decided?.owner ?? action.owner,
      due: decided?.due ?? action.due,
    };
  });
  const problems = [
    ...decisions.filter(({ id }) => !known.has(id)).map(({ id }) => `${id} is no action of ${record.day.id}`),
    ...actions.flatMap(({ id, owner, due }) => [
      ...(isBlank(owner) ? [`${id} has no owner`] : []),
      ...(isBlank(due) ? [`${id} has no due date`] : []),
    ]),
  ];
  if (problems.length > 0) {
    throw new AppError(
      'spec/invalid',
      `${record.day.id} cannot be closed: ${problems.join('; ')}. Write owner and due date of each into its actions.yaml`,
    );
  }
  return { ...record, actions, closedAt };
}

function isBlank(text: string | null): boolean {
  return text === null || text.trim() === '';
}
