import { openSession } from '../session.ts';
import { readConfig } from '../../config.ts';
import { followRun } from '../../app/follow-run.ts';
import { createRunId } from '../../app/run-id.ts';
import type { RunOutput } from '../../domain/run-messages.ts';
import { followUntilLeft, leftEarly } from '../interrupts.ts';
import { seeded } from '../options.ts';
import type { Output } from '../output.ts';
import type { Command } from './command.ts';

export const run: Command<{ experiment: string; seed?: number }> = {
  name: 'run <experiment>',
  summary: 'run an experiment and follow it to its report',
  options: (yargs) => seeded(yargs.positional('experiment', { type: 'string', demandOption: true, describe: 'experiment file' })),
  async run({ environment, experiment, seed }, output) {
    await using session = await openSession(environment);
    const plan = await session.plan(experiment, seed);
    const orchestrator = await session.orchestrator();
    const runId = createRunId(plan.experiment.name, Date.now(), Math.random);
    const started = orchestrator.startRun(runId, plan);
    const ended = await followUntilLeft(
      async (signal) => {
        await started;
        output.say(`run ${runId}`);
        const result = orchestrator.result(plan.environment.name);
        return followRun(session.connections.archive, runId, result, (event) => output.event(event), signal);
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
    return ended === null ? leftEarly : conclude(ended, output, session);
  },
};

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
    `\n${renderSummary(record)}\nreport: ${ended.reportPath}`,
  );
  return ended.exitCode;
}
