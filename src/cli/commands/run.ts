import { openSession } from '../session.ts';
import { readConfig } from '../../config.ts';
import { followRun } from '../../app/follow-run.ts';
import { createRunId } from '../../app/run-id.ts';
import type { RunOutput } from '../../domain/run-messages.ts';
import type { Output } from '../output.ts';
import type { Command } from './command.ts';

/** Left before the revert was verified: the same code as `dirty`, because nobody has seen it clean. */
const leftEarly = 5;

export const run: Command<{ experiment: string; seed?: number }> = {
  name: 'run <experiment>',
  summary: 'run an experiment and follow it to its report',
  options: (yargs) =>
    yargs
      .positional('experiment', { type: 'string', demandOption: true, describe: 'experiment file' })
      .option('seed', { type: 'number', describe: 'chooses the same targets again' }),
  async run({ environment, experiment, seed }, output) {
    await using session = await openSession(environment);
    const plan = await session.plan(experiment, seed);
    const orchestrator = await session.orchestrator();
    const runId = createRunId(plan.experiment.name, Date.now(), Math.random);
    await orchestrator.startRun(runId, plan);
    output.say(`run ${runId}`);

    const result = orchestrator.result(plan.environment.name);
    const left = Promise.withResolvers<'left'>();
    const onInterrupt = interruptHandler(
      () => {
        output.say('aborting; waiting for the verified revert. Ctrl-C again leaves at once');
        void orchestrator
          .abort(plan.environment.name, { runId, by: readConfig().person, why: 'Ctrl-C' })
          .catch((error: unknown) => {
            output.say(
              `the abort could not be sent: ${String(error)}. The agents revert when the lease of ${plan.leaseSeconds} s ends`,
            );
          });
      },
      () => left.resolve('left'),
    );
    process.on('SIGINT', onInterrupt);
    try {
      const ended = await Promise.race([
        followRun(session.connections.archive, runId, result, (event) => output.event(event)),
        left.promise,
      ]);
      if (ended === 'left') {
        output.say(
          `left. The worker reverts ${runId}; should it be dead too, the agents do when the lease of ${plan.leaseSeconds} s ends`,
        );
        return leftEarly;
      }
      return await conclude(ended, output, session);
    } finally {
      process.off('SIGINT', onInterrupt);
    }
  },
};

function interruptHandler(first: () => void, second: () => void): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count === 1) first();
    else second();
  };
}

async function conclude(ended: RunOutput, output: Output, session: Awaited<ReturnType<typeof openSession>>): Promise<number> {
  const record = await session.connections.archive.readRecord(ended.runId);
  if (record === null || ended.exitCode === null) {
    output.answer(
      ended,
      `${ended.runId}: ${ended.ending}; every fault is reverted, but the record could not be written: ${ended.problem ?? 'unknown'}`,
    );
    return 4;
  }
  const { renderSummary } = await import('../../report/index.ts');
  output.answer(
    { ...ended, outcome: record.outcome, metrics: record.metrics },
    `\n${renderSummary(record)}\n\nreport: ${ended.reportPath}`,
  );
  return ended.exitCode;
}
