import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { runToEnd } from '../host/programs.ts';
import type { PlannedImage } from './image-builder/archive.ts';
import { readJson, writeJson } from './json-file.ts';
import { imageStore, nodeDirectory } from './layout.ts';
import { runInNode } from './node-process.ts';
import { until } from './step.ts';
import { topology } from './topology.ts';

const GUEST_IMPORTS_WITHIN_MS = 120_000;

/** Which image is in a containerd root: reference → hash. */
type Held = Readonly<Record<string, string>>;

const heldFile = (folder: string): string => join(folder, 'images.json');
const held = (folder: string): Held => readJson<Held>(heldFile(folder)) ?? {};
const lacking = (folder: string, images: readonly PlannedImage[]): readonly PlannedImage[] =>
  images.filter(({ reference, hash }) => held(folder)[reference] !== hash);

function keep(folder: string, images: readonly PlannedImage[]): void {
  const added = Object.fromEntries(images.map(({ reference, hash }) => [reference, hash]));
  writeJson(heldFile(folder), { ...held(folder), ...added });
}

/** Brings built images into the store that new nodes are copied from. Those that are in it stay as they are. */
export async function fillStore(userland: string, images: readonly PlannedImage[]): Promise<void> {
  const missing = lacking(imageStore(), images);
  if (missing.length === 0) return;
  mkdirSync(join(imageStore(), 'containerd'), { recursive: true });
  const script = join(import.meta.dirname, 'node/fill-store.sh');
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child=KILL', '--propagation=private'];
  const archives = missing.map(({ archive }) => archive);
  await runToEnd(['unshare', ...namespaces, 'bash', script, userland, join(imageStore(), 'containerd'), ...archives]);
  keep(imageStore(), missing);
}

/** What a new node begins with: hard links, for the content of an image never changes; its databases do, and are copied. */
export async function copyStore(node: string): Promise<void> {
  const folder = nodeDirectory(node);
  const target = join(folder, 'containerd');
  mkdirSync(folder, { recursive: true });
  await runToEnd(['cp', '-al', '--no-target-directory', join(imageStore(), 'containerd'), target]);
  const unlink = 'find "$1" -name "*.db" | while read -r file; do cp "$file" "$file.own" && mv "$file.own" "$file"; done';
  await runToEnd(['bash', '-c', unlink, 'bash', target]);
  writeJson(heldFile(folder), held(imageStore()));
}

/** Brings built images into a running worker; gives the names of those it lacked. */
export async function importInto(node: string, images: readonly PlannedImage[]): Promise<readonly string[]> {
  const folder = nodeDirectory(node);
  const missing = lacking(folder, images);
  for (const image of missing) {
    if (node === topology.netemWorker.name) await putIntoGuest(folder, image);
    else await importByCtr(node, image.archive);
    keep(folder, [image]);
  }
  return missing.map(({ name }) => name);
}

/** Once more when it fails: containerd may collect as garbage a layer that the import has just found to be there. */
async function importByCtr(node: string, archive: string): Promise<void> {
  const argv = ['ctr', '--namespace', 'k8s.io', 'images', 'import', '-'];
  await runInNode(node, argv, archive).catch(() => runInNode(node, argv, archive));
}

/** Nobody enters a guest from outside: it imports by itself what is put into its folder, and says so by renaming it. */
async function putIntoGuest(folder: string, { name, archive }: PlannedImage): Promise<void> {
  const place = (extension: string): string => join(folder, 'import', `${name}.${extension}`);
  for (const extension of ['done', 'failed']) rmSync(place(extension), { force: true });
  copyFileSync(archive, place('new'));
  renameSync(place('new'), place('tar'));
  await until(`the import of ${name} by the netem worker`, GUEST_IMPORTS_WITHIN_MS, () => {
    if (!existsSync(place('failed'))) return existsSync(place('done')) || null;
    throw new AppError('part/died', `the netem worker could not import ${name}. See ${place('tar')}.log`);
  });
  rmSync(place('done'));
}
