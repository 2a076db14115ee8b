import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { findGo } from '../../../lab/kubernetes/go-toolchain.ts';
import { runToEnd } from '../../../lab/host/programs.ts';
import { installationOf } from '../../../src/compose/install.ts';
import type { Manifest } from '../../../src/install/options.ts';
import type { Rule } from '../../../src/install/rbac.ts';

const chart = join(import.meta.dirname, '../../../deploy/helm/firedrill');
const given = {
  environment: 'lab',
  namespace: 'drills',
  namespaces: ['data', 'shop'],
  configs: [
    { namespace: 'shop', resource: 'secrets' as const, name: 'web-tls' },
    { namespace: 'data', resource: 'configmaps' as const, name: 'settings' },
  ],
  nodes: ['w4'],
  image: 'agent@sha256:0',
};

const folder = mkdtempSync(join(tmpdir(), 'render-chart-'));
const render = join(folder, 'render-chart');
// Where nothing was ever built, that is a minute for the libraries alone, and a Go may have to be fetched first.
beforeAll(async () => {
  await runToEnd([await findGo(), 'build', '-o', render, join(import.meta.dirname, 'render-chart/main.go')]);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Variant {
  readonly apiFaultsOnly: boolean;
  readonly monitoring: boolean;
  /** Of the API; null: all, and those of nodes. */
  readonly faults: readonly string[] | null;
}

async function rendered({ apiFaultsOnly, monitoring, faults }: Variant): Promise<readonly Manifest[]> {
  const usual = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as object;
  const chosen = faults === null ? {} : { faults: { api: faults, node: [] } };
  const values = JSON.stringify({ ...usual, ...given, ...chosen, pullSecret: 'pull', apiFaultsOnly });
  const templates = globSync(join(chart, 'templates/*.yaml'));
  const text = await runToEnd([render, values, JSON.stringify(monitoring ? ['monitoring.coreos.com/v1'] : []), ...templates]);
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as Manifest | null;
    return object === null ? [] : [object];
  });
}

/** Who may do what where, each on its own line: one role with two rules and two roles with one are the same. */
function rightsIn(objects: readonly Manifest[]): readonly string[] {
  const bindings = objects.filter(({ kind }) => kind.endsWith('RoleBinding'));
  const lines = bindings.flatMap(({ roleRef, subjects, metadata: { namespace = '*' } }) => {
    const { kind, name } = roleRef as { readonly kind: string; readonly name: string };
    const role = objects.find(
      (each) => each.kind === kind && each.metadata.name === name && (each.metadata.namespace ?? '*') === namespace,
    );
    const who = (subjects as readonly { readonly name: string; readonly namespace: string }[]).map(
      (each) => `${each.namespace}/${each.name}`,
    );
    return ((role?.['rules'] ?? []) as readonly Rule[]).flatMap(({ apiGroups, resources, verbs, resourceNames = ['any'] }) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => `${who.join()} may ${verb} ${apiGroups[0]}/${resource} in ${namespace}: ${resourceNames.join()}`),
      ),
    );
  });
  return [...new Set(lines)].sort();
}

test.each<Variant>([
  { apiFaultsOnly: false, monitoring: true, faults: null },
  { apiFaultsOnly: true, monitoring: false, faults: null },
  { apiFaultsOnly: true, monitoring: false, faults: ['config-drift'] },
])('the chart makes what `firedrill install` makes: %j', async (variant) => {
  const charted = await rendered(variant);
  const installed = installationOf({ ...given, pullSecret: 'pull', ...variant });
  expect(rightsIn(charted)).toEqual(rightsIn(installed));
  const others = (objects: readonly Manifest[]): readonly string[] =>
    objects
      .filter(({ kind }) => !/Role|CustomResourceDefinition|ConfigMap/.test(kind))
      .map((object) => JSON.stringify(object, (key, value: unknown) => (key === 'firedrill.dev/policy' ? undefined : value)))
      .map((text) => JSON.stringify(sorted(JSON.parse(text))))
      .sort();
  expect(others(charted)).toEqual(others(installed));
  const policyOf = (objects: readonly Manifest[]): unknown => {
    const policy = objects.find(({ kind }) => kind === 'ConfigMap');
    return parse((policy?.['data'] as Record<string, string> | undefined)?.['policy.yaml'] ?? '');
  };
  expect(policyOf(charted)).toMatchObject({ allowNamespaces: ['data', 'shop'], allowNodes: ['w4'], environment: 'lab' });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
