import { stringify } from 'yaml';
import { applyManifests, kubectl } from '../kubectl.ts';
import { step, type Report } from '../step.ts';
import { buildManifests, shopFolder } from './manifests.ts';
import { rolledOut } from './rolled-out.ts';
import { giveSecrets } from './secrets.ts';

const label = 'firedrill.dev/demo-copy';

/**
 * A shop of one's own in this namespace, which is made: payments-api, fraud-detector and load, on the demo's database. The
 * demo must be up; its Prometheus does not measure copies.
 */
export async function copyShop(namespace: string, report: Report): Promise<void> {
  const labels = { [label]: 'true', 'pod-security.kubernetes.io/enforce': 'restricted' };
  await applyManifests(stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }));
  await giveSecrets(namespace);
  const shop = await buildManifests(shopFolder);
  const copy = shop.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
  await applyManifests(copy.map((object) => stringify(object)).join('---\n'));
  await step(report, `the shop in ${namespace} is ready`, () => rolledOut(copy));
}

export async function removeCopies(): Promise<void> {
  await kubectl('delete', 'namespaces', `--selector=${label}`, '--ignore-not-found');
}
