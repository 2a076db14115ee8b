import type { Running } from '../../e2e/command-line.ts';
import { eventually } from '../../lab/eventually.ts';
import type { ClusterStack } from './cluster-stack.ts';
import { delayMs, slowCalls } from './experiment.ts';
import type { Drill } from './experiment.ts';
import type { Shop, WebPod } from './shop.ts';

/** Whether the fault is felt: as the pod itself sees its calls, asked from outside of the cluster. Needs no API server. */
export async function isSlow({ callMs }: Shop, pod: WebPod): Promise<boolean> {
  return ((await callMs(pod)) ?? 0) >= delayMs;
}

/** Waits until its calls are answered, and as fast as they were. */
export async function becomesFast({ callMs }: Shop, pod: WebPod, withinMs = 60_000): Promise<void> {
  await eventually(async () => {
    const ms = await callMs(pod);
    if (ms === null || ms >= delayMs) throw new Error(`a call of ${pod.name} takes ${ms} ms`);
  }, withinMs);
}

/** A run that holds, and the one pod that it makes slow. Fails when that is not felt. */
export async function startSlowPod(
  stack: ClusterStack,
  changes: Partial<Drill> = {},
): Promise<{ readonly run: Running; readonly victim: WebPod }> {
  const run = stack.startRun(slowCalls(changes));
  await run.shows('holding for');
  const [victim] = await stack.victimsOf(run);
  if (victim === undefined) throw new Error(`the target of this run is not there:\n${run.text()}`);
  if (!(await isSlow(stack.shop, victim))) throw new Error(`${victim.name} is not slow:\n${run.text()}`);
  return { run, victim };
}
