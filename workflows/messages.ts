import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { JsonObject } from '../src/domain/json.ts';

/** Ids are reused (`env:<environment>`), so every message names its run and a mismatch is refused. */
export interface AbortRequest {
  readonly runId: string;
  readonly by: string;
  readonly why: string;
}

export type PersonWord = 'note' | 'noticed' | 'acknowledged' | 'diagnosed' | 'acted' | 'mitigated' | 'next';

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
  readonly step: 'guards' | 'baseline' | 'watching' | 'reverting' | 'recovering' | 'measuring' | 'finished';
  readonly startedAt: string;
  readonly aborted: AbortRequest | null;
  readonly detail: JsonObject;
}

export const abortSignal = defineSignal<[AbortRequest]>('abort');
export const personSignal = defineSignal<[PersonMessage]>('person');
export const statusQuery = defineQuery<RunStatus>('status');
