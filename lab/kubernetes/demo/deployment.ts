import { join } from 'node:path';
import { stringify } from 'yaml';
import { bringImages } from '../cluster.ts';
import { applyManifests, kubectl } from '../kubectl.ts';
import { prepareImages, requireMachine } from '../prepare.ts';
import { step, type Report } from '../step.ts';
import { recycleVolumes } from '../volumes.ts';
import { demoAddresses, type DemoAddresses } from './addresses.ts';
import { writeEnvironmentFile } from './environment-file.ts';
import { buildManifests, imagesOf, variantFolder, withImageHashes, type Manifest, type Variant } from './manifests.ts';
import { measured } from './measured.ts';
import { pointReceiver } from './receiver-address.ts';
import { rolledOut } from './rolled-out.ts';
import { giveSecrets } from './secrets.ts';
import { removeCopies } from './shop-copy.ts';
import { demoTemporal, endTemporal } from './temporal.ts';

/** Ours and disposable, but for `runs`; relative to the checkout. */
const directory = join(import.meta.dirname, '../../../.lab/kubernetes');
/** `firedrill.local/<name>:dev` */
const nameOf = (image: string): string => image.replace(/^firedrill\.local\/(.+):dev$/, '$1');

/** A demo that is up. Paths are absolute. */
export interface Demo extends DemoAddresses {
  readonly environmentFile: string;
  readonly directory: string;
}

/**
 * Brings the demo system into the lab cluster, which must be up, and returns when it is ready, measured, and quiet. Again is
 * fine: what is as it should be stays. Errors: `part/missing`, `part/died`, `upstream/refused`, `upstream/unreachable`.
 */
export async function demoUp(variant: Variant, report: Report): Promise<Demo> {
  requireMachine();
  const manifests = await withImages(await buildManifests(variantFolder(variant)), report);
  await step(report, 'volumes without a claim are empty', recycleVolumes);
  await step(report, `${manifests.length} objects are applied`, () => apply(manifests));
  await step(report, 'every pod is ready', () => rolledOut(manifests));
  const addresses = await demoAddresses();
  const temporal = await demoTemporal(directory, report);
  const environmentFile = writeEnvironmentFile(directory, variant, addresses, temporal);
  report(`payments-api: ${addresses.paymentsUrl}`);
  report(`Prometheus: ${addresses.prometheusUrl}`);
  report(`Alertmanager: ${addresses.alertmanagerUrl}`);
  report(`environment: ${environmentFile}`);
  await measured(addresses, report);
  return { ...addresses, environmentFile, directory };
}

/** Has their images built and in every node. */
async function withImages(manifests: readonly Manifest[], report: Report): Promise<readonly Manifest[]> {
  const images = await prepareImages(report, imagesOf(manifests).map(nameOf));
  await bringImages(images, report);
  const hashes = new Map(images.map(({ reference, hash }) => [reference, hash]));
  return manifests.map((manifest) => withImageHashes(manifest, hashes));
}

/** Namespaces first, for what lies in them, and the secrets before the pods that wait for them. */
async function apply(manifests: readonly Manifest[]): Promise<void> {
  const isNamespace = ({ kind }: Manifest): boolean => kind === 'Namespace';
  await applyManifests(asYaml(manifests.filter(isNamespace)));
  await giveSecrets('payments');
  await applyManifests(asYaml(manifests.filter((manifest) => !isNamespace(manifest))));
  await pointReceiver();
}

const asYaml = (manifests: readonly Manifest[]): string => manifests.map((manifest) => stringify(manifest)).join('---\n');

/** Ends it, whichever variant is up, and the copies of its shop. The cluster stays. */
export async function demoDown(report: Report): Promise<void> {
  await step(report, 'copies are gone', removeCopies);
  await step(report, 'the demo system is gone', async () => {
    await kubectl('delete', '--kustomize', variantFolder('full'), '--ignore-not-found', '--timeout=120s');
  });
  await step(report, 'volumes without a claim are empty', recycleVolumes);
  await endTemporal(directory, report);
}
