import { expect, test } from '@jest/globals';
import { specFiles } from '../../src/adapters/host/spec-files.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { faults } from '../../src/faults/index.ts';
import { createPlan } from '../../src/planning/create-plan.ts';
import { faultRegistry } from '../../src/planning/fault-registry.ts';
import { loadEnvironment } from '../../src/planning/load-environment.ts';
import { renderPlan } from '../../src/planning/render-plan.ts';
import { workspaceDirectories } from '../../src/planning/workspace-root.ts';
import { findSpec, loadWorkspace } from '../../src/planning/workspace.ts';
import { filesOf } from '../spec/workspace-fixture.ts';
import { fakePlatform } from './fake-platform.ts';

const link: TargetRef = {
  kind: 'link',
  service: 'payments-api',
  name: 'fraud-detector',
  uid: '127.0.0.1:9',
  locator: { to: 'fraud-detector' },
};
const environment = (maxHold: string): string => `apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: demo }
spec:
  platform: host
  prometheus: { url: 'http://127.0.0.1:9090' }
  temporal: { address: '127.0.0.1:7233' }
  state: ./state
  archive: ./runs
  policy: { maxHold: ${maxHold} }
  services:
    payments-api: { links: [{ name: fraud-detector, to: fraud-detector, listen: '127.0.0.1:9', control: ./x.sock }] }
`;

/** Of the example: it holds for 40 s, and a person may take 3 min. */
async function plan(maxHold = '10m') {
  const registry = faultRegistry(faults);
  const workspace = await loadWorkspace(workspaceDirectories, { files: specFiles, faults: registry });
  return createPlan({
    experiment: findSpec(workspace, 'Experiment', 'failover-by-hand'),
    environment: await loadEnvironment('/lab/environment.yaml', filesOf({ '/lab/environment.yaml': environment(maxHold) })),
    workspace,
    platform: fakePlatform([link]),
    faults: registry,
    seed: 1,
  });
}

test('what people are asked, how long they may take, and that their end is not ours to keep, are in the plan', async () => {
  const made = await plan();
  expect(made.steps[0]?.byHand).toMatchObject({ withinSeconds: 180 });
  const text = renderPlan(made);
  expect(text).toContain('By hand\n  1.1  within 180 s: Ask the network team to take fraud-detector out');
  expect(text).toContain('at the end: Ask the network team to put fraud-detector back');
  expect(text).toMatch(/cannot make them: it ends when they confirm it/);
});

test('the time that a person may take counts as time in which the fault is there', async () => {
  await expect(plan('3m')).rejects.toMatchObject({
    code: 'policy/denied',
    message: expect.stringMatching(/holds its faults for 220 s, .* allows 180 s .*Shorten hold or within/),
  });
});
