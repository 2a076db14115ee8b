import type { GameDayRecord } from './record.ts';

/** One sentence: what to do after this day. */
export function nextStepOfDay({ day, cleanup, actions, closedAt }: GameDayRecord): string {
  if (cleanup === 'dirty')
    return 'Make sure that every fault is gone: look at the targets, and at `firedrill status` until nothing is open.';
  if (actions.length === 0) return 'Nothing was found. Plan the next day with a larger stage of each scenario.';
  if (closedAt === null) {
    const what =
      actions.length === 1 ? 'its action an owner and a due date' : `its ${actions.length} actions owners and due dates`;
    return `Give ${what}, then close it: \`firedrill game-day close ${day.id} --actions FILE\`.`;
  }
  const first = actions.toSorted((a, b) => ((a.due ?? '') < (b.due ?? '') ? -1 : 1))[0];
  return `Carry out its actions; due first, on ${first?.due}, by ${first?.owner}: ${first?.text}`;
}
