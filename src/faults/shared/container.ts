import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { nodeOf } from '../node-tools.ts';
import type { ContainerProcess } from '../node-tools.ts';
import { locate } from './locator.ts';

const locator = z.object({
  node: z.string(),
  podUid: z.string().exactOptional(),
  container: z.string().nullable(),
  containers: z.array(z.object({ name: z.string(), id: z.string() })),
});

/** Which container of the target's pod; null: the one that the plan says. */
export const containerName = z
  .string()
  .min(1)
  .nullable()
  .default(null)
  .describe('which container of the pod, where it has several');

/** A container and its first process, as undo keeps them. */
export type ContainerInstance = {
  readonly podUid: string;
  readonly container: string;
  readonly containerId: string;
  readonly pid: number;
  readonly startTime: string;
  readonly netns: string;
};

/** The container of the plan, by its id, which a restart changes. Errors: `target/none`, `spec/invalid`. */
export async function plannedContainer(
  context: FaultContext,
  target: TargetRef,
  wanted: string | null,
): Promise<ContainerInstance> {
  const { container, containers, podUid = target.uid } = locate(locator, target);
  const name = wanted ?? container;
  const names = containers.map((one) => one.name).join(', ');
  if (name === null) {
    throw new AppError(
      'spec/invalid',
      `pod ${target.service}/${target.name} has the containers ${names}, and nothing says which is meant. Give container`,
    );
  }
  const found = containers.find((one) => one.name === name);
  if (found === undefined) {
    throw new AppError('target/none', `pod ${target.service}/${target.name} runs no container ${name}. Choose one of ${names}`);
  }
  const process = await nodeOf(context).findContainer({ podUid, containerId: found.id });
  if (process === null) {
    throw new AppError(
      'target/none',
      `container ${name} of pod ${target.service}/${target.name} has ended or was replaced. Plan again to find what runs now`,
    );
  }
  const { pid, startTime, netns } = process;
  return { podUid, container: name, containerId: found.id, pid, startTime, netns };
}

/** Its first process, if that is still the one of the undo; null when it has ended. */
export async function sameContainer(
  context: FaultContext,
  { podUid, containerId, pid, startTime }: ContainerInstance,
): Promise<ContainerProcess | null> {
  const process = await nodeOf(context).findContainer({ podUid, containerId });
  return process?.pid === pid && process.startTime === startTime ? process : null;
}
