import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { RunOutput, RunStatus } from '../../domain/run-messages.ts';
import type { Orchestrator } from '../../ports/orchestrator.ts';
import { abortSignal, personSignal, runQueue, statusQuery } from '../../../workflows/messages.ts';
import type { runExperiment } from '../../../workflows/run-experiment.ts';

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
}

/** The environment's lock is the workflow's id. */
function lockOf(environment: string): string {
  return `env:${environment}`;
}

export async function connectOrchestrator({ address, namespace }: TemporalAddress): Promise<Orchestrator> {
  const connection = await Connection.connect({ address, connectTimeout: '3s' }).catch((error: unknown) => {
    throw new AppError(
      'temporal/unreachable',
      `no Temporal server answers at ${address}. Start one with \`temporal server start-dev\`, or \`npm run lab:up\` in a checkout`,
      { cause: error },
    );
  });
  const client = new Client({ connection, namespace });

  const status = async (environment: string): Promise<RunStatus | null> => {
    const handle = client.workflow.getHandle(lockOf(environment));
    try {
      const { status: state } = await handle.describe();
      return state.name === 'RUNNING' ? await handle.query(statusQuery) : null;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw unreachable(address, error);
    }
  };

  return {
    status,
    async startRun(runId, plan) {
      try {
        await client.workflow.start<typeof runExperiment>('runExperiment', {
          workflowId: lockOf(plan.environment.name),
          workflowIdConflictPolicy: 'FAIL',
          taskQueue: runQueue,
          args: [{ runId, plan }],
          // A worker that died is noticed by its workflow tasks this fast. No run timeout: it would end a run without its revert.
          workflowTaskTimeout: '5s',
          memo: { runId },
          staticSummary: `${plan.experiment.name} in ${plan.environment.name}`,
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw unreachable(address, error);
        const holder = await status(plan.environment.name).catch(() => null);
        throw new AppError(
          'lock/held',
          `${plan.environment.name} is taken by run ${holder?.runId ?? '(unknown)'} of ${holder?.experiment ?? '(unknown)'}. Wait for it, or \`firedrill abort\``,
        );
      }
    },
    async result(environment) {
      try {
        return (await client.workflow.getHandle(lockOf(environment)).result()) as RunOutput;
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw unreachable(address, error);
        throw new AppError('internal/bug', `the run's workflow failed: ${messageOf(error.cause ?? error)}`, { cause: error });
      }
    },
    abort: (environment, request) => send(environment, (handle) => handle.signal(abortSignal, request)),
    tell: (environment, message) => send(environment, (handle) => handle.signal(personSignal, message)),
    close: () => connection.close(),
  };

  async function send(
    environment: string,
    signal: (handle: ReturnType<typeof client.workflow.getHandle>) => Promise<void>,
  ): Promise<void> {
    try {
      await signal(client.workflow.getHandle(lockOf(environment)));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        throw new AppError('run/not-found', `nothing runs in ${environment}. \`firedrill list\` shows what ran`);
      throw unreachable(address, error);
    }
  }
}

function unreachable(address: string, error: unknown): AppError {
  return new AppError('temporal/unreachable', `Temporal at ${address}: ${messageOf(error)}`, { cause: error });
}
