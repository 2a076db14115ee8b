import { newFiles } from '../adapters/host/new-files.ts';
import { specFiles } from '../adapters/host/spec-files.ts';
import { createHttpCaller } from '../adapters/http/http-caller.ts';
import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { initWorkspace } from '../app/init-workspace.ts';
import { AppError } from '../domain/errors.ts';
import { parseSelection } from '../planning/discovery/selection.ts';
import { loadEnvironment } from '../planning/load-environment.ts';
import { createProbes } from '../probes/index.ts';

/** Errors: `spec/invalid` when neither a Prometheus nor an environment is named; as `initWorkspace`. */
export async function initWorkspaceHere(options: {
  readonly prometheus: string | undefined;
  readonly selector: string;
  readonly environmentFile: string | null;
}): ReturnType<typeof initWorkspace> {
  const selection = parseSelection(options.selector);
  const { environmentFile } = options;
  const url =
    options.prometheus ?? (environmentFile === null ? null : (await loadEnvironment(environmentFile, specFiles)).prometheusUrl);
  if (url === null || !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    const given = url === null ? 'no Prometheus is named' : `--prometheus ${url} is not an http URL`;
    throw new AppError(
      'spec/invalid',
      `${given}. Give --prometheus http://HOST:9090, or the environment it is written in with --environment`,
    );
  }
  const metrics = createPrometheus({ url });
  const probes = createProbes({ metrics, http: createHttpCaller() });
  return initWorkspace(
    { selection, environmentFile },
    { prometheusUrl: url, metrics, read: (probe, signal) => probes.read(probe, signal), files: newFiles },
  );
}
