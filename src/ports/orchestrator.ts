import type { Plan } from '../domain/plan/plan.ts';
import type { AbortRequest, PersonMessage, RunOutput, RunStatus } from '../domain/run-messages.ts';

/** The durable engine that carries runs. Errors: `temporal/unreachable`, `lock/held`, `run/not-found`. */
export interface Orchestrator {
  /** Takes the environment's lock; `lock/held` names the holder. */
  startRun(runId: string, plan: Plan): Promise<void>;
  result(environment: string): Promise<RunOutput>;
  /** null when nothing runs in the environment. */
  status(environment: string): Promise<RunStatus | null>;
  abort(environment: string, request: AbortRequest): Promise<void>;
  tell(environment: string, message: PersonMessage): Promise<void>;
  close(): Promise<void>;
}
