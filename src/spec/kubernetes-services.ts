import { z } from 'zod';
import { isProtectedNamespace } from '../domain/plan/protected-namespaces.ts';
import { partName } from './metadata.ts';
import { promql } from './promql.ts';

const kubeName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
  .describe('a name of Kubernetes, such as payments-api');

const port = z.int().min(1).max(65_535);

const link = z
  .strictObject({
    name: partName,
    to: partName,
    service: z
      .string()
      .regex(/^([a-z0-9-]+\/)?[a-z0-9-]+$/)
      .exactOptional()
      .describe('the Service that is called: NAME, or NAMESPACE/NAME'),
    hosts: z.array(z.string().min(1)).min(1).exactOptional().describe('host names, resolved again while a fault lasts'),
    cidrs: z.array(z.cidrv4()).min(1).exactOptional().describe('address ranges, such as 10.96.0.0/12'),
    ports: z.array(port).min(1).exactOptional().describe('only these; a Service names its own'),
  })
  .refine(({ service, hosts, cidrs }) => [service, hosts, cidrs].filter((way) => way !== undefined).length === 1, {
    message: 'write one of service, hosts and cidrs',
  });

const volume = z.strictObject({
  name: partName,
  path: z.string().startsWith('/').describe('where the container has it mounted'),
});

const config = z
  .strictObject({ name: partName, configMap: kubeName.exactOptional(), secret: kubeName.exactOptional() })
  .refine(({ configMap, secret }) => (configMap === undefined) !== (secret === undefined), {
    message: 'write either configMap or secret',
  });

/** PostgreSQL or Redis: a connection string of its own kind. */
const database = z.strictObject({
  name: partName,
  connection: z
    .string()
    .regex(/^secret:[a-z0-9.-]+\/[a-z0-9.-]+#[\w.-]+$/)
    .meta({ description: 'a reference, secret:NAMESPACE/NAME#KEY, never the connection itself', writeOnly: true }),
});

/** A service whose members are pods. */
export const kubernetesService = z
  .strictObject({
    namespace: kubeName,
    workload: z
      .string()
      .regex(/^(deployment|statefulset|daemonset)\/[a-z0-9.-]+$/)
      .exactOptional()
      .describe('what makes its pods, such as deployment/payments-api'),
    selector: z
      .record(z.string().min(1), z.string())
      .refine((labels) => Object.keys(labels).length > 0, { message: 'must name a label: without one it is the whole namespace' })
      .exactOptional()
      .describe('labels of its pods, where no workload makes them'),
    container: partName.exactOptional().describe('the one that is meant; the only one, where there is one'),
    port: port.exactOptional().describe('where its pods take requests'),
    links: z.array(link).default([]),
    volumes: z.array(volume).default([]),
    configs: z.array(config).default([]),
    postgres: z.array(database).default([]),
    redis: z.array(database).default([]),
  })
  .refine(({ workload, selector }) => (workload === undefined) !== (selector === undefined), {
    message: 'write either workload or selector',
  });

export const cluster = z
  .strictObject({
    context: z.string().min(1).exactOptional().describe('of the kubeconfig; its current one by default'),
    kubeconfig: z.string().min(1).exactOptional().describe('a path, relative to this file; as kubectl finds it by default'),
    namespace: kubeName.default('firedrill').describe('where records and agents are'),
  })
  .default({ namespace: 'firedrill' });

/** How many requests each pod takes now, for the share of traffic that a plan would touch. */
export const traffic = z.strictObject({
  requests: promql.describe('requests per second, a series per pod'),
  label: z.string().min(1).default('pod').describe('the label that holds the name of the pod'),
});
export type Traffic = z.infer<typeof traffic>;

/** No file opens the namespaces that nothing may be broken in. */
export function refuseProtected(
  { cluster, services }: { readonly cluster: { readonly namespace: string }; readonly services: KubernetesServices },
  context: z.RefinementCtx,
): void {
  for (const [name, { namespace }] of Object.entries(services)) {
    if (!isProtectedNamespace(namespace, cluster.namespace)) continue;
    context.addIssue({
      code: 'custom',
      path: ['services', name, 'namespace'],
      message: `nothing may be broken in ${namespace}: it holds what runs the cluster, watches it or ends faults. Name a service of another namespace`,
    });
  }
}

export type KubernetesServices = Readonly<Record<string, z.infer<typeof kubernetesService>>>;
