import type { RunStatus } from '../domain/run-messages.ts';

/** What a run or a game day is doing, in words: `day-1 is at the gate before slow, since 2026-11-21T10:41:00.000Z`. */
export function whatRuns({ runId, step, startedAt, detail, aborted }: RunStatus): string {
  const { scenario, currentRunId } = detail;
  const doing =
    typeof scenario !== 'string'
      ? `is ${step}`
      : step === 'gate'
        ? `is at the gate before ${scenario}`
        : `plays ${scenario}${typeof currentRunId === 'string' ? ` as run ${currentRunId}` : ', by hand'}`;
  return `${runId} ${doing}, since ${startedAt}${aborted === null ? '' : `; ${aborted.by} aborted it: ${aborted.why}`}`;
}
