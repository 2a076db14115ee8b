import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheDirectory, runToEnd } from '../../host/programs.ts';
import type { Program } from '../../host/program.ts';
import { contentHash } from '../content-hash.ts';
import { compiledLayer } from './compiled-layer.ts';
import { planLayer, type PlannedLayer } from './layer.ts';
import { imageReference, type FilesLayer, type ImageRecipe } from './recipe.ts';

/** An image of a recipe: where its archive is or will be. */
export interface PlannedImage {
  readonly name: string;
  readonly reference: string;
  /** Of all that is in it: the same hash is the same image. */
  readonly hash: string;
  /** The files of its layers in the cache. */
  readonly layers: readonly string[];
  /** A docker-archive, as `ctr images import` takes it. */
  readonly archive: string;
  readonly needs: readonly Program<unknown>[];
  build(report: (line: string) => void): Promise<void>;
}

/** What every image has, and programs expect. */
const base: FilesLayer = {
  files: {
    ...Object.fromEntries(['bin', 'sbin', 'lib', 'lib64'].map((name) => [`/${name}`, { link: `usr/${name}` }])),
    ...Object.fromEntries(['bin', 'sbin', 'lib', 'lib64'].map((name) => [`/usr/${name}`, { folder: true as const }])),
    ...Object.fromEntries(['proc', 'sys', 'dev', 'run', 'var', 'root'].map((name) => [`/${name}`, { folder: true as const }])),
    '/tmp': { folder: true, mode: 0o1777 },
    '/etc/passwd': { text: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' },
    '/etc/group': { text: 'root:x:0:\nnogroup:x:65534:\n' },
    '/etc/nsswitch.conf': { text: 'hosts: files dns\n' },
  },
};

/** Reads the sources of a recipe, and makes nothing yet. */
export function planImage(recipe: ImageRecipe): PlannedImage {
  const folder = imageFolder();
  const layers = withCompiled(recipe, [base, ...recipe.layers].map(planLayer), folder);
  const hash = contentHash([recipe, layers.map((layer) => layer.hash)]);
  const archive = join(folder, `${recipe.name}-${hash}.tar`);
  return {
    name: recipe.name,
    reference: imageReference(recipe.name),
    hash,
    layers: layers.map((layer) => layerPath(folder, layer)),
    archive,
    needs: layers.flatMap((layer) => layer.needs),
    async build(report) {
      if (existsSync(archive)) return;
      mkdirSync(join(folder, 'layers'), { recursive: true });
      const work = mkdtempSync(join(folder, 'making-'));
      try {
        // The last may be made of those below it.
        const files = [];
        for (const layer of layers) files.push(await layerFile(folder, layer, report));
        const made = await pack(recipe, files, work);
        renameSync(made, archive);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
      dropOthers(folder, recipe.name, archive);
    },
  };
}

function withCompiled({ compiled }: ImageRecipe, layers: readonly PlannedLayer[], folder: string): readonly PlannedLayer[] {
  return compiled === undefined ? layers : [...layers, compiledLayer(compiled, layers, (layer) => layerPath(folder, layer))];
}

const imageFolder = (): string => join(cacheDirectory(), 'lab-images');
const layerPath = (folder: string, layer: PlannedLayer): string => join(folder, 'layers', `${layer.hash}.tar`);

/** Removes the layers that none of these images has: of each change of our sources, one would stay for ever. */
export function dropOtherLayers(images: readonly PlannedImage[]): void {
  const wanted = new Set(images.flatMap(({ layers }) => layers));
  const folder = join(imageFolder(), 'layers');
  for (const file of readdirSync(folder).map((name) => join(folder, name))) {
    if (!wanted.has(file)) rmSync(file, { force: true });
  }
}

/** The layer as a tar, made once. Times and names of owners are left out: the same files are the same bytes. */
async function layerFile(folder: string, layer: PlannedLayer, report: (line: string) => void): Promise<string> {
  const file = layerPath(folder, layer);
  if (existsSync(file)) return file;
  const work = mkdtempSync(join(folder, 'making-'));
  try {
    const root = join(work, 'root');
    mkdirSync(root);
    await layer.fill(root, report);
    await runToEnd(['tar', '--sort=name', '--mtime=@0', '--numeric-owner', '-C', root, '-cf', join(work, 'layer.tar'), '.']);
    renameSync(join(work, 'layer.tar'), file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}

async function pack(recipe: ImageRecipe, layers: readonly string[], work: string): Promise<string> {
  const digests = await Promise.all(layers.map(sha256));
  const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...recipe.environment };
  const config = {
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {
      Entrypoint: recipe.entrypoint,
      Cmd: recipe.command ?? null,
      User: recipe.user ?? '',
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      WorkingDir: recipe.workingDirectory ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: digests.map((digest) => `sha256:${digest}`) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'firedrill lab' })),
  };
  const names = digests.map((digest) => `${digest}.tar`);
  layers.forEach((layer, index) => linkSync(layer, join(work, names[index] ?? '')));
  const manifest = [{ Config: 'config.json', RepoTags: [imageReference(recipe.name)], Layers: names }];
  writeFileSync(join(work, 'config.json'), JSON.stringify(config));
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(work, 'image.tar');
  await runToEnd(['tar', '-C', work, '-cf', archive, 'manifest.json', 'config.json', ...new Set(names)]);
  return archive;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** An image that changed leaves its former archive behind: a hundred changes would be a hundred archives. */
function dropOthers(folder: string, name: string, archive: string): void {
  const former = new RegExp(`^${name}-[0-9a-f]{16}\\.tar$`);
  for (const file of readdirSync(folder).filter((entry) => former.test(entry) && join(folder, entry) !== archive)) {
    rmSync(join(folder, file), { force: true });
  }
}
