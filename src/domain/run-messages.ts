import type { JsonObject } from './json.ts';
import type { Ending } from './run-record.ts';

/** Workflow ids are reused (`env:<environment>`), so every message names its run and a mismatch is refused. */
export interface AbortRequest {
  readonly runId: string;
  readonly by: string;
  readonly why: string;
}

export const personWords = ['note', 'noticed', 'acknowledged', 'diagnosed', 'acted', 'mitigated', 'next'] as const;
export type PersonWord = (typeof personWords)[number];

export interface PersonMessage {
  readonly runId: string;
  readonly word: PersonWord;
  readonly by: string;
  readonly text: string;
  /** The sender's clock, ISO ms: the lower bound of the instant. */
  readonly at: string;
}

export interface RunStatus {
  readonly runId: string;
  readonly experiment: string;
  readonly step: 'guards' | 'baseline' | 'watching' | 'reverting' | 'recovering' | 'gate' | 'scenario' | 'measuring' | 'finished';
  readonly startedAt: string;
  readonly aborted: AbortRequest | null;
  /** Of a game day: `scenario`, `facilitators`, and of the run that is on `current` (workflow id) and `currentRunId`. */
  readonly detail: JsonObject;
}

export interface RunOutput {
  readonly runId: string;
  readonly ending: Ending;
  readonly reason: string;
  /** Exit code of the command line: from the record, or without one from how the run ended. */
  readonly exitCode: number;
  readonly reportPath: string | null;
  /** What could not be done after the revert (an archive that is full …). */
  readonly problem: string | null;
}
