import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { alertRules } from '../../../lab/host/alert-rules.ts';
import { environmentOf } from '../../../lab/kubernetes/demo/environment-file.ts';
import { imagesOf, parseManifests, withImageHashes, workloadsOf } from '../../../lab/kubernetes/demo/manifests.ts';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { images } from '../../../lab/kubernetes/images/index.ts';
import { parseSpec } from '../../../src/spec/parse-spec.ts';

const folder = join(import.meta.dirname, '../../../deploy/demo');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
/** Not kustomize's own files, nor what Prometheus and Alertmanager read. */
const objectFiles = globSync('**/*.yaml', { cwd: folder })
  .filter((file) => !/(kustomization|config|rules-\w+)\.yaml$/.test(file))
  .sort();
const objects = objectFiles.flatMap((file) => parseManifests(read(file)).map((object) => ({ file, object })));
const pods = objects.flatMap(({ file, object }) => {
  const { containers = [], initContainers = [] } = object.spec?.template?.spec ?? {};
  return [...initContainers, ...containers].map((container) => ({ file, container }));
});

describe('the manifests of the demo system', () => {
  test('are all named by a kustomization, and objects of Kubernetes', () => {
    const named = globSync('**/kustomization.yaml', { cwd: folder }).flatMap((file) => {
      const { resources } = parse(read(file)) as { resources: readonly string[] };
      return resources.map((resource) => join(file, '..', resource));
    });
    expect(objectFiles.length).toBeGreaterThan(12);
    expect(objectFiles.filter((file) => !named.includes(file))).toEqual([]);
    for (const { file, object } of objects) {
      expect({ file, object }).toMatchObject({
        object: { apiVersion: expect.any(String), metadata: { name: expect.any(String) } },
      });
    }
  });

  test('use no image that is not made here', () => {
    const ours = images.map(({ name }) => imageReference(name));
    const used = imagesOf(objects.map(({ object }) => object));
    expect(used.length).toBeGreaterThan(7);
    expect(used.filter((image) => !ours.includes(image))).toEqual([]);
  });

  test('hold no secret', () => {
    expect(objects.filter(({ object }) => object.kind === 'Secret')).toEqual([]);
  });

  test.each(pods.map(({ file, container }) => [`${container.name} of ${file}`, container] as const))(
    '%s says what it takes, and may not become more than it is',
    (_, container) => {
      expect(container).toMatchObject({
        resources: {
          requests: { cpu: expect.any(String), memory: expect.any(String), 'ephemeral-storage': expect.any(String) },
          limits: { cpu: expect.any(String), memory: expect.any(String), 'ephemeral-storage': expect.any(String) },
        },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      });
    },
  );

  test('let each namespace say what its pods may be', () => {
    const namespaces = objects.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object);
    const levels = namespaces.map(({ metadata }) => [
      metadata.name,
      (metadata as { labels?: Record<string, string> }).labels?.['pod-security.kubernetes.io/enforce'],
    ]);
    expect(Object.fromEntries(levels)).toEqual({
      payments: 'restricted',
      data: 'restricted',
      monitoring: 'restricted',
      'monitoring-nodes': 'privileged',
    });
  });

  test('have the alert rules of the host stack', () => {
    expect(parse(read('base/prometheus/rules-payments.yaml'))).toEqual(alertRules);
  });
});

test('an image that changed changes the pods that are made of it, and no others', () => {
  const [app = '', redis = ''] = ['app', 'redis'].map(imageReference);
  const [shop, cache] = [app, redis].map((image) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: image, namespace: 'payments' },
    spec: { template: { metadata: { annotations: { kept: 'yes' } }, spec: { containers: [{ name: 'main', image }] } } },
  }));
  if (shop === undefined || cache === undefined) throw new Error('two were made');
  const stamp = (hash: string) =>
    [shop, cache].map((each) =>
      withImageHashes(
        each,
        new Map([
          [app, hash],
          [redis, 'same'],
        ]),
      ),
    );
  const [before, after] = [stamp('one'), stamp('two')];
  expect(after[0]).not.toEqual(before[0]);
  expect(after[1]).toEqual(before[1]);
  expect(after[0]?.spec?.template?.metadata?.annotations).toMatchObject({ kept: 'yes' });
  expect(workloadsOf(after)[0]).toEqual({ workload: `deployment/${app}`, namespace: 'payments' });
});

const addresses = {
  paymentsUrl: 'http://10.77.0.11:30080',
  prometheusUrl: 'http://10.77.0.11:30090',
  alertmanagerUrl: 'http://10.77.0.11:30093',
};

test.each(['light', 'full'] as const)('the environment file of the %s demo is one', (variant) => {
  const file = environmentOf(variant, addresses, '127.0.0.1:7233', './kubeconfig');
  expect(parseSpec('environment.yaml', stringify(file))).toMatchObject({ problems: [], spec: { platform: 'kubernetes' } });
});

test('what the examples break in a consumer, a broker and a cache is in the full demo', () => {
  const { spec } = environmentOf('full', addresses, '127.0.0.1:7233', './kubeconfig') as {
    spec: { services: Readonly<Record<string, unknown>> };
  };
  const used = ['consumer-pause', 'kafka-broker-kill', 'redis-node-kill'].flatMap((name) => {
    const { spec } = parse(readFileSync(join(import.meta.dirname, '../../../experiments', `${name}.yaml`), 'utf8')) as {
      spec: { faults: { target: { service: string } }[] };
    };
    return spec.faults.map(({ target }) => target.service);
  });
  expect(used).toEqual(['payments-processor', 'kafka', 'redis']);
  expect(Object.keys(spec.services)).toEqual(expect.arrayContaining(used));
});
