import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../host/programs.ts';
import type { PlannedImage } from './image-builder/archive.ts';
import { readJson, writeJson } from './json-file.ts';
import { imageStore, nodeDirectory } from './layout.ts';
import { runInNode } from './node-process.ts';

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

/** Brings built images into a running node; gives the names of those it lacked. */
export async function importInto(node: string, images: readonly PlannedImage[]): Promise<readonly string[]> {
  const folder = nodeDirectory(node);
  const missing = lacking(folder, images);
  for (const image of missing) {
    await runInNode(node, ['ctr', '-n', 'k8s.io', 'images', 'import', '-'], image.archive);
    keep(folder, [image]);
  }
  return missing.map(({ name }) => name);
}
