import { AppError, messageOf } from '../../src/domain/errors.ts';
import { findOnPath, runToEnd } from '../host/programs.ts';

/** The oldest `go` that fetches, by itself, the toolchain a module asks for. */
const OLDEST = [1, 21] as const;

/** The `go` of this machine. Errors: `part/missing`, when there is none or it is too old to help itself. */
export async function findGo(): Promise<string> {
  const go = findOnPath('go');
  if (go === null) {
    throw new AppError('part/missing', `the lab cluster is built from Go modules, and there is no go on PATH. ${advice}`);
  }
  const version = await runToEnd([go, 'env', 'GOVERSION']).catch((error: unknown) => {
    throw new AppError('part/missing', `${go} does not say its version: ${messageOf(error)}. ${advice}`, { cause: error });
  });
  if (!isRecent(version.trim())) {
    throw new AppError('part/missing', `${go} is ${version.trim()}, too old to build the lab cluster. ${advice}`);
  }
  return go;
}

const advice = `Install Go ${OLDEST.join('.')} or newer`;

/** `go1.26.8` */
export function isRecent(version: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
}
