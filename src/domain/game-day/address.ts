import type { PersonWord, RunStatus } from '../run-messages.ts';

/**
 * Who hears a message. During a game day what people say belongs to the run that is on; `next` and an abort of the day to the
 * day, which ends its run itself. A null workflow id is the holder of the environment's lock.
 */
export function addressOf(
  status: RunStatus | null,
  message: { readonly runId: string; readonly word: PersonWord | 'abort' },
): { readonly workflowId: string | null; readonly runId: string } {
  const { current, currentRunId } = status?.detail ?? {};
  if (typeof current === 'string' && typeof currentRunId === 'string') {
    const toDay = message.runId === status?.runId;
    const forDay = message.word === 'next' || message.word === 'abort';
    if (message.runId === currentRunId || (toDay && !forDay)) return { workflowId: current, runId: currentRunId };
  }
  return { workflowId: null, runId: message.runId };
}
