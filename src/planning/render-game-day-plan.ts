import type { GameDayPlan, PlannedScenario } from '../domain/game-day/plan.ts';
import { leastSecondsOf } from '../domain/game-day/schedule.ts';
import { haltLines, renderPlan } from './render-plan.ts';
import { table } from './table.ts';

/** The day for people: who, in which order, what on what, by when. Each run's own plan in full is `renderScenarioPlans`. */
export function renderGameDayPlan(day: GameDayPlan): string {
  const { communication } = day;
  return [
    `Game day  ${day.title} (${day.name})`,
    `Purpose   ${day.purpose}`,
    `In        ${day.environment.name}, ${day.environment.platform}`,
    `Hash      ${day.hash}`,
    `People    ${day.roles.map(({ role, people }) => `${role} ${people.join(', ')}`).join('; ')}`,
    ...(communication === null
      ? []
      : [`Channel   ${communication.channel}, an update every ${communication.updateEverySeconds} s`]),
    `Pause     ${day.pauseSeconds} s between scenarios`,
    '',
    'Scenarios',
    ...table(
      ['name', 'time box', 'at least', 'what happens', 'plan'],
      day.scenarios.map((scenario) => [scenario.name, `${scenario.timeboxSeconds} s`, ...whatHappens(scenario)]),
    ),
    '',
    ...(day.checklist.length === 0 ? [] : ['Before it begins', ...day.checklist.map((item) => `  [ ] ${item}`), '']),
    ...haltLines(day.environment),
  ].join('\n');
}

/** The plans of the day's runs, one after the other. */
export function renderScenarioPlans({ scenarios }: GameDayPlan): string {
  return scenarios
    .flatMap((scenario) => (scenario.kind === 'manual' ? [] : [`Scenario ${scenario.name}\n\n${renderPlan(scenario.plan)}`]))
    .join('\n');
}

function whatHappens(scenario: PlannedScenario): readonly string[] {
  if (scenario.kind === 'manual') return ['-', `by hand: ${scenario.steps.join('; ')}`, '-'];
  const { plan } = scenario;
  const faults = plan.steps.map(({ fault, target }) => `${fault} on ${target.service}/${target.name}`);
  return [`${leastSecondsOf(plan)} s`, faults.join(', '), plan.hash.slice(0, 12)];
}
