import { messageOf } from '../domain/errors.ts';
import type { GuardResult } from '../domain/run-record.ts';
import { agentAlive } from './agent-alive.ts';
import { alertNotFiring } from './alert-not-firing.ts';
import { alertPathAlive } from './alert-path-alive.ts';
import { blastRadius } from './blast-radius.ts';
import type { Guard, GuardContext } from './guard.ts';
import { haltNotThrown } from './halt-not-thrown.ts';
import { noResidue } from './no-residue.ts';
import { targetHealthy } from './target-healthy.ts';
import { telemetryAlive } from './telemetry-alive.ts';

/** In the order a person would ask. */
// prettier-ignore
export const guards: readonly Guard[] = [
  haltNotThrown,
  noResidue,
  agentAlive,
  targetHealthy,
  blastRadius,
  telemetryAlive,
  alertPathAlive,
  alertNotFiring,
];

export async function checkGuards(context: GuardContext): Promise<GuardResult[]> {
  return Promise.all(
    guards.map(async (guard) => {
      try {
        return { guard: guard.name, ...(await guard.check(context)) };
      } catch (error) {
        return { guard: guard.name, result: 'blocked' as const, reason: `could not be asked: ${messageOf(error)}` };
      }
    }),
  );
}
