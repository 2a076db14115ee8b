import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { alertRules } from '../lab/host/alert-rules.ts';
import { customResources } from '../src/adapters/kubernetes/crd.ts';
import { faults } from '../src/faults/index.ts';
import { helmChart } from '../src/install/helm-chart.ts';
import type { Manifest } from '../src/install/options.ts';
import { version } from '../src/version.ts';
import { actionsFile } from '../src/spec/actions-file.ts';
import { inputShape } from '../src/spec/schema-shape.ts';
import { kinds } from '../src/spec/kinds.ts';

// Writes what is in the tree and in the program too: schemas/<kind>.schema.json for editors, from the schemas that the program
// itself uses; deploy/crd, what records are in a cluster; deploy/helm, what `firedrill install` makes; and the demo's alert rules for Kubernetes, from those of the host stack.
// With --check it writes nothing, and fails when a file is not what it would write.
const checkOnly = process.argv.includes('--check');
const root = new URL('../', import.meta.url);

/** Every file that people write, whether it says its kind or not. */
const schemas: Readonly<Record<string, z.ZodType>> = { ...kinds, GameDayActions: actionsFile };

const needsOf = (kind: 'cluster' | 'node') =>
  Object.fromEntries(faults.flatMap(({ name, agents, needs = [] }) => (agents.includes(kind) ? [[name, needs]] : [])));

const chart = helmChart({
  version,
  apiFaults: needsOf('cluster'),
  nodeFaults: needsOf('node'),
  customResources: Object.values(customResources) as readonly Manifest[],
});

/** Path → content, before it is formatted. */
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(schemas).map(([kind, schema]) => [
      `schemas/${kind.toLowerCase()}.schema.json`,
      JSON.stringify({ title: kind, ...inputShape(schema) }),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(customResources).map(([plural, definition]) => [
      `deploy/crd/${plural}.yaml`,
      stringify(definition, { aliasDuplicateObjects: false }),
    ]),
  ),
  'deploy/demo/base/prometheus/rules-payments.yaml': stringify(alertRules),
  ...Object.fromEntries(Object.entries(chart).map(([path, content]) => [`deploy/helm/firedrill/${path}`, content])),
};

const stale: string[] = [];
for (const [name, content] of Object.entries(files)) {
  const path = fileURLToPath(new URL(name, root));
  // A template is YAML only once its chart is rendered.
  const isTemplate = name.includes('/templates/');
  const text = isTemplate ? content : await format(content, { ...(await resolveConfig(path)), filepath: path });
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === text) continue;
  if (checkOnly) {
    stale.push(name);
    continue;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

if (stale.length > 0) {
  console.error(`${stale.join(', ')}: not what the code says. Run node tools/generate.ts and commit`);
  process.exitCode = 1;
}
