import type { GameDayRecord } from '../../domain/game-day/record.ts';
import type { HypothesisResult } from '../../domain/run-record.ts';
import { heading, paragraph } from '../blocks.ts';
import type { Block, Tone } from '../blocks.ts';
import { lengthInWords, utcDateTime } from '../wording/times.ts';
import { cleanupTone, dirtyTitle, hypothesisTone } from '../wording/verdict.ts';
import { capital } from './capital.ts';

/** What the day was for, and how it went. */
export function opening(record: GameDayRecord): readonly Block[] {
  const { day, ending, cleanup, closedAt } = record;
  return [
    heading(1, day.title),
    ...dirty(record),
    {
      type: 'facts',
      items: [
        { label: 'Game day', value: day.id, code: true },
        { label: 'Environment', value: day.environment },
        { label: 'From (UTC)', value: utcDateTime(day.startedAt) },
        { label: 'To (UTC)', value: utcDateTime(day.endedAt) },
        { label: 'Plan', value: day.planHash.slice(0, 12), code: true },
        { label: 'Disclosure', value: day.disclosure },
        ...day.roles.map(({ role, people }) => ({ label: capital(role), value: people.join(', ') })),
        ...(day.communication === null ? [] : [{ label: 'Channel', value: channelText(day.communication) }]),
        { label: 'Closed (UTC)', value: closedAt === null ? 'not yet' : utcDateTime(closedAt) },
      ],
    },
    {
      type: 'states',
      items: [
        { label: 'Ending', value: ending, tone: ending === 'completed' ? 'good' : 'warning' },
        { label: 'Cleanup', value: cleanup, tone: cleanupTone[cleanup] },
        scenarioState(record),
        hypothesisState(record),
      ],
    },
    paragraph(`Purpose: ${day.purpose}.`, 'lead'),
    paragraph(`The day ended ${ending}: ${record.reason}. ${actionText(record)}`),
  ];
}

/** What nobody may overlook, before anything else. */
function dirty({ cleanup, scenarios }: GameDayRecord): readonly Block[] {
  if (cleanup === 'clean') return [];
  const unproved = scenarios
    .filter(({ runId, run }) => runId !== null && run?.outcome.cleanup !== 'clean')
    .map(({ name }) => name);
  const text = `Of ${unproved.join(', ')} it is not verified that every fault is gone. Look at the targets before anything else, and at firedrill status until nothing is open.`;
  return [{ type: 'callout', tone: 'bad', title: dirtyTitle, text }];
}

function channelText({ channel, updateEverySeconds }: NonNullable<GameDayRecord['day']['communication']>): string {
  return `${channel}, an update every ${lengthInWords(updateEverySeconds)}`;
}

function scenarioState({ scenarios }: GameDayRecord): { label: string; value: string; tone: Tone } {
  const done = scenarios.filter(({ state, run }) => state === 'done' || run?.outcome.ending === 'completed').length;
  return {
    label: 'Scenarios to their end',
    value: `${done} of ${scenarios.length}`,
    tone: done === scenarios.length ? 'good' : 'warning',
  };
}

function hypothesisState({ scenarios }: GameDayRecord): { label: string; value: string; tone: Tone } {
  const all = scenarios.flatMap(({ run }) => (run === null ? [] : [run.outcome.hypothesis]));
  const worst = (['broken', 'inconclusive', 'held'] as const).find((result) => all.includes(result));
  const counted = (['held', 'broken', 'inconclusive'] satisfies HypothesisResult[])
    .map((result) => [all.filter((each) => each === result).length, result] as const)
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result}`);
  return {
    label: 'Hypotheses',
    value: counted.join(', ') || 'none judged',
    tone: worst === undefined ? 'unknown' : hypothesisTone[worst],
  };
}

function actionText({ actions, closedAt }: GameDayRecord): string {
  const count = `${actions.length} ${actions.length === 1 ? 'action' : 'actions'}`;
  if (actions.length === 0) return 'Nothing was found, so there is no action.';
  return closedAt === null
    ? `${capital(count)} came of it; it is closed when each has an owner and a due date.`
    : `${capital(count)} came of it, each with an owner and a due date.`;
}
