import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { debianProgram } from '../host/debian-package.ts';
import { cachedProgram, obtain, type Program } from '../host/program.ts';
import { findOnPath, runToEnd } from '../host/programs.ts';

/** Fetched where there is no Go that can help itself; no module of ours asks for a newer one. */
export const TOOLCHAIN = '1.26.8';
/** The oldest that fetches, by itself, the toolchain a module asks for. */
const OLDEST = [1, 21] as const;
const DEBIAN = '1.19';

/** The `go` on PATH, else one of the Go project's own, in the cache. Errors: `part/missing`. */
export async function findGo(): Promise<string> {
  const go = findOnPath('go');
  if (go !== null && isRecent((await runToEnd([go, 'env', 'GOVERSION'])).trim())) return go;
  return obtain(fetchedGo(), () => {});
}

/** `go1.26.8` */
export function isRecent(version: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
}

/** Debian's go is too old to build Kubernetes, but can fetch, with its sum checked, the module that is a newer one. */
function fetchedGo(): Program<string> {
  return cachedProgram({
    name: `lab-go-${TOOLCHAIN}`,
    what: `Go ${TOOLCHAIN}`,
    otherwise: `Install Go ${OLDEST.join('.')} or newer`,
    use: (directory) => join(directory, 'bin', 'go'),
    async unpack(work) {
      const packages = [`golang-${DEBIAN}-go`, `golang-${DEBIAN}-src`];
      const older = await obtain(
        debianProgram(packages, 'Install Go', (root) => join(root, 'usr/lib', `go-${DEBIAN}`)),
        () => {},
      );
      const module = `golang.org/toolchain@v0.0.1-go${TOOLCHAIN}.linux-${architecture()}`;
      const env = { ...process.env, GOROOT: older, GOMODCACHE: join(work, 'modules'), GOFLAGS: '-modcacherw' };
      const answer = await runToEnd([join(older, 'bin/go'), 'mod', 'download', '-json', module], { cwd: work, env });
      const { Dir: directory } = JSON.parse(answer) as { readonly Dir: string };
      await makeUsable(directory);
      return directory;
    },
  });
}

/** A module keeps no modes, and may hold no other module: what the go command does too when it unpacks a toolchain. */
async function makeUsable(toolchain: string): Promise<void> {
  await runToEnd(['chmod', '-R', 'u+w', toolchain]);
  await runToEnd(['find', join(toolchain, 'bin'), join(toolchain, 'pkg/tool'), '-type', 'f', '-exec', 'chmod', 'a+x', '{}', '+']);
  const rename = 'find "$1" -name _go.mod | while read -r file; do mv "$file" "${file%_go.mod}go.mod"; done';
  await runToEnd(['bash', '-c', rename, 'bash', toolchain]);
}

function architecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  const name = names[process.arch];
  if (name === undefined) throw new AppError('part/missing', `there is no Go for ${process.arch} here. Install Go`);
  return name;
}
