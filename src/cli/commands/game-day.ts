import { followRun } from '../../app/follow-run.ts';
import { gameDayTimeline } from '../../app/game-day-timeline.ts';
import { requireWorker } from '../../app/require-worker.ts';
import { createRunId } from '../../app/run-id.ts';
import { openSession } from '../session.ts';
import type { Session } from '../../compose/session.ts';
import { readConfig } from '../../config.ts';
import { AppError } from '../../domain/errors.ts';
import { followUntilLeft, leftEarly } from '../interrupts.ts';
import { seeded } from '../options.ts';
import type { Output } from '../output.ts';
import type { Command } from './command.ts';

interface Args {
  file: string;
  day?: string;
  auto: boolean;
  actions?: string;
  seed?: number;
}

export const gameDay: Command<Args> = {
  name: 'game-day <file> [day]',
  summary: 'run a game day to its retrospective; `game-day close <day> --actions FILE` closes it',
  options: (yargs) =>
    seeded(
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'game day file, or the word close' })
        .positional('day', { type: 'string', describe: 'with close: the id of the day' })
        .option('actions', { type: 'string', describe: 'with close: its actions, each with owner and due date' })
        .option('auto', { type: 'boolean', default: false, describe: 'go on after each pause without asking a facilitator' }),
    ),
  async run(args, output) {
    await using session = await openSession(args.environment);
    return args.file === 'close' ? close(args, session, output) : runDay(args, session, output);
  },
};

async function close({ day, actions }: Args, { connections }: Session, output: Output): Promise<number> {
  if (day === undefined || actions === undefined)
    throw new AppError('spec/invalid', 'closing needs the day and its actions: `firedrill game-day close <day> --actions FILE`');
  const { closeGameDayWith } = await import('../../compose/close-game-day.ts');
  const { record, directory } = await closeGameDayWith(connections.gameDays, day, actions, new Date().toISOString());
  output.answer(
    record,
    `${day} is closed with ${record.actions.length} action${record.actions.length === 1 ? '' : 's'}: ${directory}/retrospective.html`,
  );
  return 0;
}

async function runDay({ file, auto, seed }: Args, session: Session, output: Output): Promise<number> {
  const plan = await session.planGameDay(file, seed);
  const orchestrator = await session.orchestrator();
  await requireWorker(orchestrator);
  const { archive, gameDays } = session.connections;
  const dayId = createRunId(plan.name, Date.now(), Math.random);
  const { renderGameDayPlan } = await import('../../planning/render-game-day-plan.ts');
  const started = orchestrator.startGameDay(dayId, plan, auto).then(() => gameDays.begin(dayId, plan));
  const ended = await followUntilLeft(
    async (signal) => {
      await started;
      output.say(`game day ${dayId}\n\n${renderGameDayPlan(plan)}`);
      const result = orchestrator.gameDayResult(plan.environment.name);
      return followRun(gameDayTimeline(archive), dayId, result, (event) => output.event(event), signal);
    },
    {
      abort: async () => {
        await started;
        await orchestrator.abort(plan.environment.name, { runId: dayId, by: readConfig().person, why: 'Ctrl-C' });
      },
      say: output.warn,
      reverting: `The worker ends ${dayId}; should it be dead, the agents revert when their leases end`,
    },
  );
  if (ended === null) return leftEarly;
  output.answer(
    ended,
    ended.problem === null
      ? `\n${dayId}: ${ended.ending}\nretrospective: ${ended.reportPath}`
      : `${dayId}: ${ended.ending}; the retrospective could not be written: ${ended.problem}`,
  );
  return ended.exitCode ?? 4;
}
