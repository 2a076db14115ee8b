import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { obtain, type Program } from '../../host/program.ts';
import { runToEnd } from '../../host/programs.ts';
import { contentHash } from '../content-hash.ts';
import { debianRoot } from '../debian-root.ts';
import { goProgram } from '../go-programs.ts';
import { mavenJars } from './maven.ts';
import { npmClosure } from './npm-closure.ts';
import { placed } from './place.ts';
import type { Layer, MadeFile } from './recipe.ts';
import { takeFromRoot } from './take-from-root.ts';

const tree = join(import.meta.dirname, '../../..');

/** A layer that can be made: its name by what it holds, what must be there first, and how its files come into a folder. */
export interface PlannedLayer {
  readonly hash: string;
  readonly needs: readonly Program<unknown>[];
  fill(folder: string, report: (line: string) => void): Promise<void>;
}

export function planLayer(layer: Layer): PlannedLayer {
  if ('debian' in layer) {
    return {
      hash: contentHash([layer]),
      needs: [debianRoot(layer.debian)],
      // Looked for again: it may have been fetched since.
      fill: async (folder, report) => takeFromRoot(await obtain(debianRoot(layer.debian), report), layer.take ?? null, folder),
    };
  }
  if ('built' in layer) {
    return {
      hash: contentHash([layer, goProgram(layer.built).hash]),
      needs: [goProgram(layer.built).program],
      fill: async (folder, report) => copy(await obtain(goProgram(layer.built).program, report), placed(folder, layer.to)),
    };
  }
  if ('jars' in layer) {
    return {
      hash: contentHash([layer]),
      needs: [mavenJars(layer.jars)],
      fill: async (folder, report) => copy(await obtain(mavenJars(layer.jars), report), placed(folder, layer.to)),
    };
  }
  if ('npm' in layer) {
    const packages = npmClosure(join(tree, 'node_modules'), layer.npm);
    return planCopies(packages.map((path) => [path, join(layer.to, path)]));
  }
  if ('bundle' in layer) {
    const builder = join(tree, 'tools/build-agent.ts');
    return {
      hash: contentHash([layer], [builder, ...['src', 'package.json', 'package-lock.json'].map((path) => join(tree, path))]),
      needs: [],
      fill: async (folder) => void (await runToEnd([process.execPath, builder, placed(folder, layer.to)])),
    };
  }
  if ('source' in layer) return planCopies(Object.entries(layer.source));
  return {
    hash: contentHash([layer]),
    needs: [],
    fill: async (folder) => {
      for (const [path, file] of Object.entries(layer.files)) makeFile(placed(folder, path), file);
    },
  };
}

/** Pairs of a path in our tree and one in the image. */
function planCopies(copies: readonly (readonly [from: string, to: string])[]): PlannedLayer {
  const sources = copies.map(([from]) => join(tree, from));
  return {
    hash: contentHash([copies], sources),
    needs: [],
    fill: async (folder) => {
      for (const [from, to] of copies) await copy(join(tree, from), placed(folder, to));
    },
  };
}

/** Whoever owns the checkout is nobody in the image: only modes are kept. */
async function copy(from: string, to: string): Promise<void> {
  await runToEnd(['cp', '-r', '--preserve=mode', '--no-target-directory', from, to]);
}

function makeFile(place: string, file: MadeFile): void {
  if ('text' in file) {
    writeFileSync(place, file.text);
    chmodSync(place, file.mode ?? 0o644);
  } else if ('link' in file) {
    symlinkSync(file.link, place);
  } else {
    mkdirSync(place, { recursive: true });
    chmodSync(place, file.mode ?? 0o755);
    if (file.owner !== undefined) chownSync(place, file.owner, file.owner);
  }
}
