import { dirname, resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { SpecFiles } from '../ports/spec-files.ts';
import type { Environment, HostEnvironment } from '../spec/environment.ts';
import { temporalAt } from '../spec/temporal.ts';
import { parseSpec } from '../spec/parse-spec.ts';
import { refuseProblems } from './workspace.ts';

/** Reads an environment file; its paths become absolute. Errors: `spec/not-found`, `spec/invalid` with every problem. */
export async function loadEnvironment(file: string, files: SpecFiles): Promise<Environment> {
  const { spec, problems } = parseSpec(file, await files.read(file));
  refuseProblems(problems);
  if (spec?.kind !== 'Environment') {
    throw new AppError('spec/invalid', `${file}:1:1: kind: is ${spec?.kind}. Give an environment file, of kind Environment`);
  }
  return absolutePaths(spec, dirname(resolve(file)));
}

function absolutePaths(environment: Environment, directory: string): Environment {
  const absolute = (path: string): string => resolve(directory, path);
  const archiveDirectory = absolute(environment.archiveDirectory);
  const temporal = temporalAt(environment.temporal, absolute);
  if (environment.platform === 'kubernetes') {
    const { kubeconfig } = environment.cluster;
    const cluster = { ...environment.cluster, kubeconfig: kubeconfig === null ? null : absolute(kubeconfig) };
    return { ...environment, archiveDirectory, temporal, cluster };
  }
  const reference = ({ name, connection }: HostEnvironment['services'][string]['redis'][number]) => ({
    name,
    connection: connection.startsWith('file:') ? `file:${absolute(connection.slice('file:'.length))}` : connection,
  });
  const services = Object.entries(environment.services).map(([name, { processes, links, volumes, postgres, redis }]) => [
    name,
    {
      processes: processes.map((process) => ({ ...process, pidFile: absolute(process.pidFile) })),
      links: links.map((link) => ('control' in link ? { ...link, control: absolute(link.control) } : link)),
      volumes: volumes.map((volume) => ({ ...volume, path: absolute(volume.path) })),
      postgres: postgres.map(reference),
      redis: redis.map(reference),
    },
  ]);
  return {
    ...environment,
    stateDirectory: absolute(environment.stateDirectory),
    archiveDirectory,
    temporal,
    services: Object.fromEntries(services) as HostEnvironment['services'],
  };
}
