import { expect, test } from '@jest/globals';
import { clusterAgent } from '../../src/install/cluster-agent.ts';

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly restartPolicy?: string;
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: object;
}
interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly volumes: readonly { readonly name: string; readonly projected?: object; readonly emptyDir?: object }[];
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
}

const [deployment] = clusterAgent(
  {
    namespace: 'firedrill',
    namespaces: ['payments'],
    nodes: [],
    configs: [],
    image: 'agent@sha256:0',
    pullSecret: null,
    apiFaultsOnly: true,
    monitoring: false,
    needs: {},
    policy: {},
    customResources: [],
  },
  'hash',
);
const pod = (deployment as unknown as { readonly spec: { readonly template: { readonly spec: Pod } } }).spec.template.spec;

test("the cluster agent's token is in its own container, and its helpers run in another of the same image", () => {
  const [agent, ...others] = pod.containers;
  const [runner, ...more] = pod.initContainers;
  expect([...others, ...more]).toEqual([]);
  expect(pod.automountServiceAccountToken).toBe(false);
  const withToken = pod.volumes.filter(({ projected }) => projected !== undefined).map(({ name }) => name);
  const mounts = (of: Container | undefined): readonly string[] => (of?.volumeMounts ?? []).map(({ name }) => name);
  expect(mounts(agent)).toEqual(['runner', ...withToken]);
  expect(mounts(runner)).toEqual(['runner']);
  expect(pod.volumes.find(({ name }) => name === 'runner')).toEqual({
    name: 'runner',
    emptyDir: { medium: 'Memory', sizeLimit: '1Mi' },
  });
  // What it makes beside targets is of its own image.
  expect(agent?.args.join(' ')).toContain('--image agent@sha256:0');
  // There before the agent, and ended after it.
  expect(runner).toMatchObject({ image: agent?.image, restartPolicy: 'Always' });
});

test('neither has a privilege, and each has its own requests and limits', () => {
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  for (const { securityContext, resources } of [...pod.containers, ...pod.initContainers]) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory']);
    expect(Object.keys(resources.limits)).toEqual(['memory']);
  }
});
