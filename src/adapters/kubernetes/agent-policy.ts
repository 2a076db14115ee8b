import { parse } from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import { nodeAgentsNamespace, protectedNamespaces } from '../../domain/plan/protected-namespaces.ts';
import type { AgentPolicy } from '../../faults/fault.ts';
import type { KubeApi } from '../../ports/kubernetes.ts';
import { recordResources } from './record-names.ts';

export const policyName = 'firedrill-policy';
export const policyKey = 'policy.yaml';

const schema = z.strictObject({
  environment: z.string().min(1),
  allowFaults: z.array(z.string()),
  allowNamespaces: z.array(z.string()),
  allowNodes: z.array(z.string()).default([]),
  /** Never acted on, with those that nothing opens: what watches the damage must not be part of it. */
  denyNamespaces: z.array(z.string()).default([]),
  maxDurationSeconds: z.number().positive().default(1800),
  leaseSeconds: z
    .strictObject({ min: z.number().positive(), max: z.number().positive() })
    .refine(({ min, max }) => min <= max, { message: 'min is more than max' })
    .default({ min: 10, max: 60 }),
  diskFill: z
    .strictObject({ allowPaths: z.array(z.string()).default([]), floorBytes: z.number().nonnegative() })
    .default({ allowPaths: [], floorBytes: 256 * 1024 * 1024 }),
  pool: z.strictObject({ reserveConnections: z.int().nonnegative() }).default({ reserveConnections: 3 }),
  surge: z.strictObject({ maxPerSecond: z.int().nonnegative() }).default({ maxPerSecond: 100 }),
  hook: z
    .strictObject({
      allowCommands: z.array(z.union([z.string(), z.array(z.string()).min(1)])).default([]),
      allowUrls: z.array(z.string()).default([]),
      timeoutSeconds: z.number().positive(),
    })
    .default({ allowCommands: [], allowUrls: [], timeoutSeconds: 10 }),
});

/** What people write in the policy. */
export type ClusterPolicy = z.input<typeof schema>;

/** The policy of a cluster's agents, YAML or JSON. `namespace`: the agents' own. Errors: `spec/invalid`. */
export function parseClusterPolicy(text: string, namespace: string): AgentPolicy {
  try {
    const policy = schema.parse(parse(text));
    const own = [namespace, nodeAgentsNamespace(namespace)];
    const denyNamespaces = [...new Set([...protectedNamespaces, ...own, ...policy.denyNamespaces])];
    const open = policy.allowNamespaces.filter((name) => denyNamespaces.includes(name));
    if (open.length > 0) throw new Error(`allowNamespaces: nothing opens ${open.join(', ')}. Take it out`);
    return { ...policy, allowServices: [], denyNamespaces };
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new AppError(
      'spec/invalid',
      `the policy of the cluster's agents is wrong (ConfigMap ${policyName}, ${policyKey}):\n${problem.trimEnd()}\n` +
        'Every key: docs/reference/files.md#cluster-policy',
      { cause },
    );
  }
}

/** Errors: `spec/not-found`, `spec/invalid`, and those of `KubeApi`. */
export async function readClusterPolicy(api: KubeApi, namespace: string): Promise<AgentPolicy> {
  const found = await api.get(recordResources(namespace).configMaps, policyName);
  const text = found?.data?.[policyKey];
  if (text !== undefined) return parseClusterPolicy(text, namespace);
  throw new AppError(
    'spec/not-found',
    `namespace "${namespace}" has no ConfigMap ${policyName} with a ${policyKey}. Run \`firedrill install\``,
  );
}
