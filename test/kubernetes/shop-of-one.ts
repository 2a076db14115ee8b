import type { KubernetesService } from '../../src/adapters/kubernetes/services.ts';

const image = 'firedrill.local/app:dev';

/** Pods that listen on 8080 and do nothing else; `readiness`: what says that they are ready. */
export function deployment(name: string, replicas: number, readiness?: object): object {
  const listen = "require('http').createServer((_, r) => r.end()).listen(8080)";
  const labels = { app: name, shop: 'one' };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['node', '-e', listen],
              volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
              ...(readiness === undefined ? {} : { readinessProbe: { ...readiness, periodSeconds: 1 } }),
            },
          ],
          volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '10Mi' } }],
        },
      },
    },
  };
}

export const service = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } };

export const budget = { metadata: { name: 'web' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } } };

/** As an environment file would say it. */
export function webService(namespace: string): KubernetesService {
  return {
    namespace,
    workload: 'deployment/web',
    links: [
      { name: 'itself', to: 'web', service: 'web' },
      { name: 'everything', to: 'everything', cidrs: ['10.0.0.0/8'] },
      { name: 'nowhere', to: 'nowhere', service: 'nowhere' },
    ],
    volumes: [
      { name: 'scratch', path: '/scratch/deep' },
      { name: 'layer', path: '/tmp' },
    ],
    configs: [
      { name: 'limits', configMap: 'limits' },
      { name: 'certificate', secret: 'tls' },
    ],
    postgres: [],
    redis: [],
  };
}
