import { openSession } from '../session.ts';
import type { Session } from '../../compose/session.ts';
import { readConfig } from '../../config.ts';
import { followRun } from '../../app/follow-run.ts';
import { requireWorker } from '../../app/require-worker.ts';
import { createRunId } from '../../app/run-id.ts';
import { errorCodes, isAppError } from '../../domain/errors.ts';
import { cleanupAdvice } from '../../domain/plan/agent-advice.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import type { RunOutput } from '../../domain/run-messages.ts';
import { followUntilLeft, leftEarly } from '../interrupts.ts';
import { seeded } from '../options.ts';
import type { Output } from '../output.ts';
import type { Command } from './command.ts';

/** Beyond the lease: what a revert and its read-back may take before nobody waits for them any more. */
const revertPatienceMs = 30_000;

export const run: Command<{ experiment: string; seed?: number }> = {
  name: 'run <experiment>',
  summary: 'run an experiment and follow it to its report',
  options: (yargs) => seeded(yargs.positional('experiment', { type: 'string', demandOption: true, describe: 'experiment file' })),
  async run({ environment, experiment, seed }, output) {
    await using session = await openSession(environment);
    const plan = await session.plan(experiment, seed);
    const orchestrator = await session.orchestrator();
    await requireWorker(orchestrator);
    const runId = createRunId(plan.experiment.name, Date.now(), Math.random);
    const started = orchestrator.startRun(runId, plan);
    const ended = await followUntilLeft(
      async (signal) => {
        await started;
        output.say(`run ${runId}`);
        const result = orchestrator.result(plan.environment.name);
        return followRun(session.connections.archive, runId, result, (event) => output.event(event), signal).catch(
          (error: unknown) => whenLost(error, { runId, plan }, output, session),
        );
      },
      {
        abort: async () => {
          await started;
          await orchestrator.abort(plan.environment.name, { runId, by: readConfig().person, why: 'Ctrl-C' });
        },
        say: output.warn,
        reverting: `The worker reverts ${runId}; should it be dead, the agents do when the lease of ${plan.leaseSeconds} s ends`,
      },
    );
    if (ended === null) return leftEarly;
    return typeof ended === 'number' ? ended : conclude(ended, output, session);
  },
};

/** Temporal is gone or has lost the run, and with it the run's end. The records still tell whether the faults are gone too. */
async function whenLost(
  error: unknown,
  { runId, plan }: { readonly runId: string; readonly plan: Plan },
  output: Output,
  session: Session,
): Promise<number> {
  if (!isAppError(error) || !(error.code === 'temporal/unreachable' || error.code === 'run/terminated')) throw error;
  output.warn(
    `${error.message}\nThe agents revert, at the latest when the lease of ${plan.leaseSeconds} s ends; waiting to read that back`,
  );
  const { awaitEnded } = await import('../../app/await-ended.ts');
  const cleanup = await awaitEnded(session.connections.store, runId, plan.leaseSeconds * 1000 + revertPatienceMs);
  const faults =
    cleanup === 'clean'
      ? 'every fault is gone too, read back by its agent.'
      : `and a revert is not verified. Look with \`firedrill status\`, and ${cleanupAdvice(plan.environment)}.`;
  const [what, later] =
    error.code === 'run/terminated'
      ? ['its workflow was terminated', 'Nobody writes its record; what was seen of it is in the archive']
      : [
          'Temporal is gone',
          `The run goes on to its record when Temporal and a worker are back: then \`firedrill report ${runId}\``,
        ];
  output.answer({ runId, cleanup, problem: error.message }, `${runId}: ${what}; ${faults} ${later}`);
  return cleanup === 'clean' ? errorCodes[error.code].exit : leftEarly;
}

async function conclude(ended: RunOutput, output: Output, session: Session): Promise<number> {
  const record = await session.connections.archive.readRecord(ended.runId);
  if (record === null || ended.problem !== null) {
    const faults = ended.exitCode === leftEarly ? 'a revert is not verified' : 'no fault is left';
    output.answer(
      ended,
      `${ended.runId}: ${ended.ending}: ${ended.reason}; ${faults}. The record could not be written: ${ended.problem ?? 'it is gone'}`,
    );
    return ended.exitCode;
  }
  const { renderSummary } = await import('../../report/index.ts');
  output.answer(
    { ...ended, outcome: record.outcome, metrics: record.metrics },
    `\n${renderSummary(record)}\nreport: ${ended.reportPath}`,
  );
  return ended.exitCode;
}
