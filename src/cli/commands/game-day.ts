import { followRun } from '../../app/follow-run.ts';
import { gameDayTimeline } from '../../app/game-day-timeline.ts';
import { createRunId } from '../../app/run-id.ts';
import { openSession } from '../session.ts';
import type { Session } from '../../compose/session.ts';
import { readConfig } from '../../config.ts';
import { AppError } from '../../domain/errors.ts';
import type { Output } from '../output.ts';
import type { Command } from './command.ts';

/** Left before the last revert was verified: the same code as `dirty`, because nobody has seen it clean. */
const leftEarly = 5;

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
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'game day file, or the word close' })
      .positional('day', { type: 'string', describe: 'with close: the id of the day' })
      .option('actions', { type: 'string', describe: 'with close: its actions, each with owner and due date' })
      .option('auto', { type: 'boolean', default: false, describe: 'go on after each pause without asking a facilitator' })
      .option('seed', { type: 'number', describe: 'chooses the same targets again' }),
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
  output.answer(record, `${day} is closed with ${record.actions.length} actions: ${directory}/retrospective.html`);
  return 0;
}

async function runDay({ file, auto, seed }: Args, session: Session, output: Output): Promise<number> {
  const plan = await session.planGameDay(file, seed);
  const orchestrator = await session.orchestrator();
  const { archive, gameDays } = session.connections;
  const dayId = createRunId(plan.name, Date.now(), Math.random);
  await orchestrator.startGameDay(dayId, plan, auto);
  await gameDays.begin(dayId, plan);
  output.say([`game day ${dayId}`, ...plan.checklist.map((item) => `  [ ] ${item}`)].join('\n'));

  const left = Promise.withResolvers<null>();
  let interrupts = 0;
  const onInterrupt = () => {
    interrupts += 1;
    if (interrupts > 1) return left.resolve(null);
    output.say('aborting the day; waiting for the verified revert. Ctrl-C again leaves at once');
    void orchestrator
      .abort(plan.environment.name, { runId: dayId, by: readConfig().person, why: 'Ctrl-C' })
      .catch((error: unknown) => output.say(`the abort could not be sent: ${String(error)}. Use \`firedrill halt\``));
  };
  process.on('SIGINT', onInterrupt);
  try {
    const result = orchestrator.gameDayResult(plan.environment.name);
    const follow = followRun(gameDayTimeline(archive), dayId, result, (event) => output.event(event));
    const ended = await Promise.race([follow, left.promise]);
    if (ended === null) {
      output.say(`left. The worker ends ${dayId}; should it be dead too, the agents revert when their lease ends`);
      return leftEarly;
    }
    output.answer(
      ended,
      ended.problem === null
        ? `\n${dayId}: ${ended.ending}\nretrospective: ${ended.reportPath}`
        : `${dayId}: ${ended.ending}; the retrospective could not be written: ${ended.problem}`,
    );
    return ended.exitCode ?? 4;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
