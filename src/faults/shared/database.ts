import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { ApiNeed } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import { locate } from './locator.ts';

const hostLocator = z.object({ connection: z.string().regex(/^(file|env):/, 'must be file:PATH or env:NAME') });
const clusterLocator = z.object({
  connection: z.string().regex(/^secret:[a-z0-9.-]+\//, 'must be secret:NAMESPACE/NAME#KEY'),
  namespace: z.string(),
});

/** Of the Secret that holds a connection. */
export const databaseNeeds: readonly ApiNeed[] = [{ group: '', resource: 'secrets', verbs: ['get'], scope: 'namespace' }];

/**
 * How to connect to the target, read in the agent. In a cluster its Secret is of the target's own namespace, which the policy was
 * asked about: no record makes an agent use another's. Errors: `spec/invalid`, `policy/denied`, `cluster/forbidden`.
 */
export async function connectionOf(context: FaultContext, target: TargetRef): Promise<string> {
  if (context.cluster === null) return context.secret(locate(hostLocator, target).connection);
  const { connection, namespace } = locate(clusterLocator, target);
  if (connection.startsWith(`secret:${namespace}/`)) return context.secret(connection);
  throw new AppError(
    'policy/denied',
    `${target.kind} ${target.service}/${target.name}: its connection is ${connection}, of another namespace than ${namespace}. Keep the Secret in ${namespace}`,
  );
}
