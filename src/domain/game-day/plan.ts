import type { Plan, PlannedEnvironment } from '../plan/plan.ts';

/** A game day in an environment, frozen when it starts: every scenario carries its own hashed plan. Plain JSON, durations in seconds. */
export interface GameDayPlan {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly title: string;
  /** Why the day is held: what the team wants to know afterwards. */
  readonly purpose: string;
  readonly environment: PlannedEnvironment;
  readonly disclosure: 'announced' | 'blind-scenario';
  readonly roles: readonly { readonly role: string; readonly people: readonly string[] }[];
  readonly checklist: readonly string[];
  readonly scenarios: readonly PlannedScenario[];
  /** Between scenarios, when nobody is asked. */
  readonly pauseSeconds: number;
  readonly communication: { readonly channel: string; readonly updateEverySeconds: number } | null;
  readonly retrospective: { readonly questions: readonly string[]; readonly actionsDueWithinSeconds: number };
  /** sha256 of the canonical JSON of everything above. */
  readonly hash: string;
}

export type PlannedScenario = ExperimentScenario | ManualScenario;

interface ScenarioFrame {
  readonly name: string;
  readonly objective: string;
  readonly timeboxSeconds: number;
}

export interface ExperimentScenario extends ScenarioFrame {
  readonly kind: 'experiment';
  readonly plan: Plan;
}

/** What people do by hand. */
export interface ManualScenario extends ScenarioFrame {
  readonly kind: 'manual';
  readonly steps: readonly string[];
}

/** Who may say `next`. */
export function facilitatorsOf({ roles }: Pick<GameDayPlan, 'roles'>): readonly string[] {
  return roles.filter(({ role }) => role === 'facilitator').flatMap(({ people }) => people);
}

/** The run id of a day's n-th scenario (from 1); of one whose run never began, each further attempt has its own. */
export function scenarioRunId(dayId: string, n: number, name: string, attempt = 1): string {
  return `${dayId}-${n}-${name}${attempt === 1 ? '' : `-${attempt}`}`;
}
