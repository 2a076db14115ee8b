import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNode } from '../../../lab/kubernetes/node-process.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { core, type Sandbox } from './cluster.ts';

interface Policy extends KubeObject {
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly policyTypes: readonly string[];
    readonly egress?: readonly { readonly to?: readonly { readonly ipBlock?: Block }[] }[];
  };
}
interface Block {
  readonly cidr: string;
  readonly except?: readonly string[];
}
interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly podIP?: string };
}

export interface Enforcer {
  stop(): Promise<void>;
}

const lookEveryMs = 150;

/**
 * Enforces the NetworkPolicies of a sandbox on one node, as a CNI would, with rules of the kernel: only egress, to blocks of
 * addresses. Like many, it lets open connections live, and looks at addresses behind a Service's own. No CNI: the lab has none.
 * `alsoTakes`: forbids these besides to whoever a policy selects, as one does that reads policies in its own way.
 */
export async function enforcePolicies(
  { api, namespace }: Sandbox,
  node: string,
  { alsoTakes = '' }: { alsoTakes?: string } = {},
): Promise<Enforcer> {
  const table = `inet ${namespace.replaceAll('-', '_')}`;
  const folder = mkdtempSync(join(tmpdir(), 'enforcer-'));
  const apply = async (rules: string): Promise<void> => {
    const file = join(folder, 'rules');
    writeFileSync(file, rules);
    await runInNode(node, ['nft', '-f', '-'], file);
  };

  const rulesNow = async (): Promise<string> => {
    const [policies, pods] = await Promise.all([
      api.list<Policy>({ group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies', namespace }),
      api.list<Pod>({ ...core, resource: 'pods', namespace }),
    ]);
    const lines = pods.items.flatMap(({ metadata: { labels = {} }, spec, status }) => {
      const selecting = policies.items.filter(
        ({ spec: { podSelector, policyTypes } }) =>
          policyTypes.includes('Egress') &&
          Object.entries(podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value),
      );
      if (spec.nodeName !== node || status.podIP === undefined || selecting.length === 0) return [];
      const from = `ip saddr ${status.podIP}`;
      return [
        ...(alsoTakes === '' ? [] : [`${from} ${alsoTakes} drop`]),
        ...selecting.flatMap((policy) => allowed(policy).map((to) => `${from} ${to} accept`)),
        `${from} drop`,
      ];
    });
    const head = ['type filter hook forward priority 0', 'ct state established,related accept'];
    const chain = `chain forward {\n${[...head, ...lines].join('\n')}\n}`;
    return `table ${table}\ndelete table ${table}\ntable ${table} {\n${chain}\n}\n`;
  };

  let applied = '';
  let stopped = false;
  const step = async (): Promise<void> => {
    const wanted = await rulesNow();
    if (wanted !== applied) await apply(wanted);
    applied = wanted;
  };
  await step();
  const working = (async () => {
    while (!stopped) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      await step();
    }
  })();
  return {
    async stop() {
      stopped = true;
      await working;
      await apply(`table ${table}\ndelete table ${table}\n`);
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a policy allows, as the kernel matches it. No rule: nothing; a rule that names nobody: everybody. */
function allowed({ spec: { egress = [] } }: Policy): string[] {
  return egress.flatMap(({ to }) => {
    if (to === undefined) return [''];
    return to.flatMap(({ ipBlock }) => {
      if (ipBlock === undefined) throw new Error('this enforcer knows blocks of addresses alone');
      const { cidr, except = [] } = ipBlock;
      if (cidr.includes(':')) return [];
      const inBlock = cidr === '0.0.0.0/0' ? '' : `ip daddr ${cidr}`;
      return [`${inBlock} ${except.length === 0 ? '' : `ip daddr != { ${except.join(', ')} }`}`.trim()];
    });
  });
}
