import { expect, test } from '@jest/globals';
import type { ExperimentScenario, GameDayPlan } from '../../src/domain/game-day/plan.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { createGameDayPlan } from '../../src/planning/create-game-day-plan.ts';
import { loadEnvironment } from '../../src/planning/load-environment.ts';
import { renderGameDayPlan, renderScenarioPlans } from '../../src/planning/render-game-day-plan.ts';
import { findSpec, loadWorkspace } from '../../src/planning/workspace.ts';
import { fakePlatform } from './fake-platform.ts';
import { experiment, faults, filesOf, hypothesis } from '../spec/workspace-fixture.ts';

const environment = `apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: demo }
spec:
  platform: host
  prometheus: { url: 'http://127.0.0.1:9090' }
  temporal: { address: '127.0.0.1:7233' }
  state: ./state
  archive: ./runs
  services:
    payments-api: { processes: [] }
`;

const day = `apiVersion: firedrill.dev/v1
kind: GameDay
metadata: { name: rehearsal }
spec:
  purpose: see whether the team sees it
  roles: [{ role: facilitator, people: [ada] }]
  checklist: [Everybody knows how to halt]
  scenarios:
    - { name: first, experiment: slow, objective: See it, timebox: 10m }
    - { name: hand-over, manual: [Hand over, Say what was tried], objective: Lose nothing, timebox: 5m }
  communication: { channel: '#game-day', updateEvery: 10m }
  retrospective: { questions: [What surprised us?], actionsDueWithin: 14d }
`;

const link: TargetRef = {
  kind: 'link',
  service: 'payments-api',
  name: 'fraud-detector',
  uid: '127.0.0.1:7001',
  locator: { to: 'fraud-detector' },
};

async function plan(text: string, name = 'rehearsal'): Promise<GameDayPlan> {
  const files = filesOf({
    'experiments/slow.yaml': experiment,
    'experiments/day.yaml': text,
    'hypotheses/survive.yaml': hypothesis,
    '/lab/environment.yaml': environment,
  });
  const workspace = await loadWorkspace(['experiments', 'hypotheses'], { files, faults });
  expect(workspace.problems).toEqual([]);
  return createGameDayPlan(findSpec(workspace, 'GameDay', name), {
    environment: await loadEnvironment('/lab/environment.yaml', files),
    workspace,
    platform: fakePlatform([link]),
    faults,
    seed: 42,
  });
}

test('the plan of a day shows who, in which order, what on what, and how to halt without us', async () => {
  const made = await plan(day);
  const text = renderGameDayPlan(made);
  const first = made.scenarios[0] as ExperimentScenario;

  for (const part of [
    'Purpose   see whether the team sees it',
    'People    facilitator ada',
    'Channel   #game-day, an update every 600 s',
    'network-latency on payments-api/fraud-detector',
    first.plan.hash.slice(0, 12),
    'by hand: Hand over; Say what was tried',
    '[ ] Everybody knows how to halt',
    'touch /lab/state/halt.json',
  ])
    expect(text).toContain(part);
  expect(renderScenarioPlans(made)).toContain(`Hash      ${first.plan.hash}`);
});

test('the hash of a day changes with anything in it', async () => {
  const made = await plan(day);
  expect((await plan(day)).hash).toBe(made.hash);
  expect((await plan(day.replace('Hand over,', 'Hand it over,'))).hash).not.toBe(made.hash);
});

test('a time box that its run cannot fit is refused before the day begins', async () => {
  await expect(plan(day.replace('timebox: 10m', 'timebox: 30s'))).rejects.toMatchObject({
    code: 'spec/invalid',
    message: expect.stringMatching(
      /^scenario first: its time box is 30 s, and a run of slow takes at least \d+ s\. Give it more$/,
    ),
  });
});
