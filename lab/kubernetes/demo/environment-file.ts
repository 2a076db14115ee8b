import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { adminKubeconfig } from '../layout.ts';
import { hostAddress } from '../topology.ts';
import type { DemoAddresses } from './addresses.ts';
import type { Variant } from './manifests.ts';

/** Where the product's worker, outside of the cluster, hears of alerts: pods reach the host on the bridge. */
export const receiver = { address: hostAddress, port: 9095 } as const;

/** Writes `environment.yaml`; paths in it are relative to it. Returns its path. */
export function writeEnvironmentFile(directory: string, variant: Variant, addresses: DemoAddresses, temporal: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'environment.yaml');
  writeFileSync(path, stringify(environmentOf(variant, addresses, temporal, relative(directory, adminKubeconfig()))));
  return path;
}

/** With the names the host stack's environment has, so that experiments run on both. */
export function environmentOf(variant: Variant, addresses: DemoAddresses, temporal: string, kubeconfig: string): object {
  return {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Environment',
    metadata: { name: 'demo-kubernetes' },
    spec: {
      platform: 'kubernetes',
      cluster: { kubeconfig, namespace: 'firedrill' },
      prometheus: { url: addresses.prometheusUrl },
      alertmanagers: [{ url: addresses.alertmanagerUrl }],
      receiver: { url: `http://${receiver.address}:${receiver.port}` },
      temporal: { address: temporal, namespace: 'default' },
      archive: './runs',
      policy: { maxPercent: 50, maxHold: '10m' },
      services: {
        'payments-api': {
          namespace: 'payments',
          workload: 'deployment/payments-api',
          port: 8080,
          links: [
            { name: 'fraud-detector', to: 'fraud-detector', service: 'fraud-detector' },
            { name: 'database', to: 'database', service: 'data/pgbouncer' },
          ],
          configs: [{ name: 'database', secret: 'payments-database' }],
        },
        // The journal has no pods of its own: it lies with each replica.
        audit: {
          namespace: 'payments',
          workload: 'deployment/payments-api',
          volumes: [{ name: 'journal', path: '/var/audit' }],
        },
        'fraud-detector': { namespace: 'payments', workload: 'deployment/fraud-detector', port: 8080 },
        database: {
          namespace: 'data',
          workload: 'statefulset/postgres',
          postgres: [
            { name: 'payments', connection: 'secret:data/drill-database#direct' },
            { name: 'pooled', connection: 'secret:data/drill-database#pooled' },
          ],
        },
        pgbouncer: { namespace: 'data', workload: 'deployment/pgbouncer' },
        ...(variant === 'full' ? onlyInFull : {}),
      },
    },
  };
}

const onlyInFull = {
  kafka: { namespace: 'data', workload: 'statefulset/kafka' },
  'payments-processor': { namespace: 'data', workload: 'deployment/payments-processor' },
  redis: {
    namespace: 'data',
    workload: 'statefulset/redis',
    port: 6379,
    redis: [{ name: 'cache', connection: 'secret:data/drill-redis#primary' }],
  },
};
