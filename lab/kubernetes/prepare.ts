import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import type { Program } from '../host/program.ts';
import { findOnPath } from '../host/programs.ts';
import { weAreRoot } from '../host/unix-user.ts';
import { goProgram } from './go-programs.ts';
import { guestLinux } from './guest.ts';
import { dropOtherLayers, planImage, type PlannedImage } from './image-builder/archive.ts';
import { images } from './images/index.ts';
import { nodeUserland } from './node-userland.ts';
import { step, type Report } from './step.ts';

/** Of this machine itself; everything else is fetched or built into the cache. */
const hostPrograms = {
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
  openssl: 'openssl',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
} as const;

/** Errors: `part/missing`, unless we are root on a machine that can carry the lab. */
export function requireMachine(): void {
  if (!weAreRoot()) {
    throw new AppError(
      'part/missing',
      'the lab cluster is made of namespaces, mounts and cgroups, which only root may make. Run it as root',
    );
  }
  const missing = Object.entries(hostPrograms).filter(([program]) => findOnPath(program) === null);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  const names = missing.map(([program]) => program).join(', ');
  throw new AppError('part/missing', `the lab cluster needs ${names}. Run apt-get install ${packages}, as root`);
}

/** Says what is missing, then fetches and builds it, with the time each takes. */
export async function obtainAll(programs: readonly Program<unknown>[], report: Report): Promise<void> {
  const missing = new Map(programs.flatMap((program) => ('fetch' in program ? [[program.fetch.what, program.fetch]] : [])));
  if (missing.size > 0) report(`to be made first:\n${[...missing.keys()].map((what) => `  ${what}`).join('\n')}`);
  for (const [what, fetch] of missing) await step(report, what.replace(/,? into .*/, ''), () => fetch.bring());
}

/** What nodes are made of: folders that they only read. */
export interface NodeParts {
  readonly userland: string;
  readonly programs: string;
}

export async function prepareNodes(report: Report): Promise<NodeParts> {
  await obtainAll([nodeUserland(), goProgram('hyperkube').program], report);
  return { userland: found(nodeUserland()), programs: dirname(found(goProgram('hyperkube').program)) };
}

/** What the netem worker runs; gives its folder. */
export async function prepareGuest(report: Report): Promise<string> {
  await obtainAll([guestLinux()], report);
  return found(guestLinux());
}

/** Builds the images of these recipes, all by default. Errors: `part/missing` for a name no recipe has. */
export async function prepareImages(report: Report, names: readonly string[] = []): Promise<readonly PlannedImage[]> {
  const unknown = names.filter((name) => !images.some((image) => image.name === name));
  if (unknown.length > 0) {
    const known = images.map(({ name }) => name).join(', ');
    throw new AppError('part/missing', `no recipe makes ${unknown.join(', ')}. There are ${known}`);
  }
  const recipes = images.filter(({ name }) => names.length === 0 || names.includes(name));
  await obtainAll(
    recipes.flatMap((recipe) => planImage(recipe).needs),
    report,
  );
  const planned = recipes.map(planImage);
  for (const image of planned.filter(({ archive }) => !existsSync(archive))) {
    await step(report, `image ${image.name}`, () => image.build(report));
  }
  dropOtherLayers(images.map(planImage));
  return planned;
}

function found<T>(program: Program<T>): T {
  if ('found' in program) return program.found;
  throw new AppError('internal/bug', `${program.fetch.what} was made and is not there`);
}
