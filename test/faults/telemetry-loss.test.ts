import { expect, test } from '@jest/globals';
import { telemetryLoss } from '../../src/faults/telemetry-loss.ts';
import { createFakeCluster } from '../fakes/cluster.ts';
import { createContext } from './context.ts';
import { addPod, podTarget } from './subjects/pod.ts';

test('a pod that is not scraped because of the annotation is refused: nothing would be hidden', async () => {
  const cluster = createFakeCluster();
  addPod(cluster, 'a');
  const context = createContext('run-1-1', {}, { cluster });
  await expect(telemetryLoss.prepare(context, podTarget('a'), telemetryLoss.params.parse({}))).rejects.toMatchObject({
    code: 'target/none',
    message: expect.stringContaining('prometheus.io/scrape'),
  });
});

test.each([{ annotation: 'a b' }, { value: true }, { label: 'x' }])('%j is refused', (given) => {
  expect(telemetryLoss.params.safeParse(given).success).toBe(false);
});
