import {
  Client,
  Connection,
  isGrpcDeadlineError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import { addressOf } from '../../domain/game-day/address.ts';
import type { GameDayOutput } from '../../domain/game-day/record.ts';
import { AppError, isAppError, messageOf } from '../../domain/errors.ts';
import type { PersonWord, RunOutput, RunStatus } from '../../domain/run-messages.ts';
import type { Orchestrator } from '../../ports/orchestrator.ts';
import { abortSignal, personSignal, runQueue, statusQuery } from '../../../workflows/messages.ts';
import type { runGameDay } from '../../../workflows/run-game-day.ts';
import type { runExperiment } from '../../../workflows/run-experiment.ts';
import { noTemporal } from './access.ts';
import type { TemporalAccess } from './access.ts';

/** A worker asks again at least this often; Temporal itself lists who asked in the last five minutes. */
const pollSeconds = 65;
/** A worker says at once what runs; where none is, Temporal itself would wait for half a minute. */
const answerWithinMs = 5_000;
/** Temporal's `TASK_QUEUE_TYPE_WORKFLOW`. */
const workflowQueue = 1;

/** The environment's lock is the workflow's id. */
function lockOf(environment: string): string {
  return `env:${environment}`;
}

/** Errors: `temporal/unreachable`. */
export async function connectOrchestrator(access: TemporalAccess): Promise<Orchestrator> {
  const { namespace, ...server } = access;
  const { address } = server;
  const connection = await Connection.connect({ ...server, connectTimeout: '3s' }).catch((error: unknown) => {
    throw noTemporal(access, error);
  });
  const client = new Client({ connection, namespace });

  const holder = async (environment: string): Promise<string | null> => {
    try {
      const { status: state, memo } = await client.workflow.getHandle(lockOf(environment)).describe();
      return state.name === 'RUNNING' ? String(memo?.['runId']) : null;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw unreachable(address, error);
    }
  };

  const workers = async (): Promise<readonly string[]> => {
    try {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: runQueue },
        taskQueueType: workflowQueue,
      });
      const since = Date.now() / 1000 - pollSeconds;
      return (pollers ?? []).flatMap(({ identity, lastAccessTime }) =>
        identity && Number(lastAccessTime?.seconds ?? 0) >= since ? [identity] : [],
      );
    } catch (error) {
      throw unreachable(address, error);
    }
  };

  const status = async (environment: string): Promise<RunStatus | null> => {
    const holding = await holder(environment);
    if (holding === null) return null;
    const handle = client.workflow.getHandle(lockOf(environment));
    try {
      return await connection.withDeadline(Date.now() + answerWithinMs, () => handle.query(statusQuery));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      // However else the question ended: who polls for work tells whether there is a worker.
      if (isGrpcDeadlineError(error) || (await workers()).length === 0)
        throw new AppError(
          'temporal/unreachable',
          `${holding} holds ${environment}, and no worker answers for it. Start one with \`firedrill worker\``,
          { cause: error },
        );
      throw unreachable(address, error);
    }
  };

  const takingLock = async (environment: string, start: () => Promise<unknown>): Promise<void> => {
    try {
      await start();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw unreachable(address, error);
      const holding = await holder(environment).catch(() => null);
      throw new AppError(
        'lock/held',
        `${environment} is taken by run ${holding ?? '(unknown)'}. Wait for it, or \`firedrill abort\``,
      );
    }
  };

  const result = async (environment: string): Promise<unknown> => {
    try {
      return await client.workflow.getHandle(lockOf(environment)).result();
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw unreachable(address, error);
      if (error.cause instanceof TerminatedFailure)
        throw new AppError('run/terminated', `the run in ${environment} was terminated in Temporal`, { cause: error });
      throw new AppError('internal/bug', `the run's workflow failed: ${messageOf(error.cause ?? error)}`, { cause: error });
    }
  };

  return {
    holder,
    status,
    startRun: (runId, plan) =>
      takingLock(plan.environment.name, () =>
        client.workflow.start<typeof runExperiment>('runExperiment', {
          ...lockOptions(plan.environment.name, runId),
          args: [{ runId, plan }],
          staticSummary: `${plan.experiment.name} in ${plan.environment.name}`,
        }),
      ),
    startGameDay: (dayId, plan, auto) =>
      takingLock(plan.environment.name, () =>
        client.workflow.start<typeof runGameDay>('runGameDay', {
          ...lockOptions(plan.environment.name, dayId),
          args: [{ dayId, plan, auto }],
          staticSummary: `game day ${plan.name} in ${plan.environment.name}`,
        }),
      ),
    result: async (environment) => (await result(environment)) as RunOutput,
    gameDayResult: async (environment) => (await result(environment)) as GameDayOutput,
    abort: (environment, request) =>
      send(environment, { ...request, word: 'abort' }, (handle, runId) => handle.signal(abortSignal, { ...request, runId })),
    tell: (environment, message) =>
      send(environment, message, (handle, runId) => handle.signal(personSignal, { ...message, runId })),
    workers,
    close: () => connection.close(),
  };

  async function send(
    environment: string,
    message: { readonly runId: string; readonly word: PersonWord | 'abort' },
    signal: (handle: ReturnType<typeof client.workflow.getHandle>, runId: string) => Promise<void>,
  ): Promise<void> {
    try {
      // An abort of what holds the lock is kept by the server also when no worker is there to say what runs.
      const direct = message.word === 'abort' && (await holder(environment)) === message.runId;
      const to = direct ? { workflowId: null, runId: message.runId } : addressOf(await status(environment), message);
      await signal(client.workflow.getHandle(to.workflowId ?? lockOf(environment)), to.runId);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        throw new AppError('run/not-found', `nothing runs in ${environment}. \`firedrill list\` shows what ran`);
      throw isAppError(error) ? error : unreachable(address, error);
    }
  }
}

function lockOptions(environment: string, runId: string) {
  return {
    workflowId: lockOf(environment),
    workflowIdConflictPolicy: 'FAIL',
    taskQueue: runQueue,
    // A worker that died is noticed by its workflow tasks this fast. No run timeout: it would end a run without its revert.
    workflowTaskTimeout: '5s',
    memo: { runId },
  } as const;
}

function unreachable(address: string, error: unknown): AppError {
  return new AppError('temporal/unreachable', `Temporal at ${address}: ${messageOf(error)}`, { cause: error });
}
