import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFileArchive } from '../src/adapters/archive/file-archive.ts';
import { createGameDayArchive } from '../src/adapters/archive/file-game-days.ts';
import { specFiles } from '../src/adapters/host/spec-files.ts';
import { listArchive } from '../src/app/list-archive.ts';
import { loadEnvironment } from '../src/planning/load-environment.ts';
import { workspaceDirectories } from '../src/planning/workspace-root.ts';
import { version } from '../src/version.ts';

// Keeps what this release writes for all later ones to read: `node tools/keep-release.ts .lab/environment.yaml`, after
// `npm run demo:gameday`. Only the folder of the version in package.json is written: what is out stays.

/** What people need after a run. Reports are made from the record, and are not input to anything. */
const keptFiles = /^(run\.json|plan\.json|game-day\.json|game-day-plan\.json|timeline\.jsonl|alerts\.jsonl|samples)$/;
/** What an agent finds when it starts again. */
const stateFolders = ['specs', 'status', 'permits', 'journal'];

const root = fileURLToPath(new URL('..', import.meta.url));
const environmentFile = process.argv[2];
if (environmentFile === undefined) throw new Error('name the environment: node tools/keep-release.ts .lab/environment.yaml');
const environment = await loadEnvironment(environmentFile, specFiles);
if (environment.platform !== 'host') throw new Error('what is kept are files: name an environment of the host platform');
const { archiveDirectory, stateDirectory } = environment;
const target = join(root, 'test/releases', version);
await rm(target, { recursive: true, force: true });

const files = (await Promise.all(workspaceDirectories.map((directory) => specFiles.list(join(root, directory))))).flat();
for (const file of files) await keep(file, join(target, 'files', relative(root, file)));
await keep(environmentFile, join(target, 'files/environments/demo.yaml'));

const entries = await listArchive({
  archive: createFileArchive(archiveDirectory),
  gameDays: createGameDayArchive(archiveDirectory),
});
const ended = entries.filter(({ outcome }) => outcome !== null);
const day = ended.find((entry) => entry.kind === 'game-day');
const run = ended.flatMap((entry) => (entry.kind === 'run' ? [entry] : entry.scenarios.flatMap(({ run }) => run ?? [])))[0];
if (day === undefined || run === undefined) throw new Error(`${archiveDirectory} holds no game day, or no run, that has ended`);
for (const id of [day.id, run.id]) {
  for (const name of await readdir(join(archiveDirectory, id))) {
    if (keptFiles.test(name)) await keep(join(archiveDirectory, id, name), join(target, 'runs', id, name));
  }
}
for (const folder of stateFolders) {
  for (const name of await readdir(join(stateDirectory, folder))) {
    if (name.startsWith(run.id)) await keep(join(stateDirectory, folder, name), join(target, 'state', folder, name));
  }
}
console.log(`kept in ${relative(root, target)}`);

/** As it is, but for where this machine keeps its checkout. */
async function keep(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true });
  for (const path of await filesBelow(to)) {
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(root, '/srv/firedrill/'));
  }
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => null);
  return entries?.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)) ?? [path];
}
