import type { RequestOptions } from 'node:https';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { KubeAccess } from './access.ts';

/**
 * Access as `kubectl` has it: `file`, else `$KUBECONFIG`, else `~/.kube/config`; `context`, else the current one. Exec plugins and
 * client certificates work. Loaded when it is used: the library costs an agent, which has no kubeconfig, start and memory.
 * Errors: `spec/invalid`.
 */
export async function kubeconfigAccess(wanted: { readonly file?: string; readonly context?: string } = {}): Promise<KubeAccess> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (wanted.file === undefined) config.loadFromDefault();
    else config.loadFromFile(wanted.file);
    const name = wanted.context ?? config.getCurrentContext();
    const context = config.getContextObject(name);
    if (context === null)
      throw new Error(`it has no context "${name}", only: ${config.contexts.map(({ name }) => name).join(', ')}`);
    config.setCurrentContext(name);
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw new Error(`its context "${name}" names the cluster "${context.cluster}", which it does not have`);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return {
      server: cluster.server,
      namespace: context.namespace ?? 'default',
      ...authorityOf(options.ca),
      ...textOf('cert', options.cert),
      ...textOf('key', options.key),
      ...(options.servername === undefined ? {} : { serverName: options.servername }),
      async headers() {
        const now: RequestOptions = {};
        await config.applyToHTTPSOptions(now);
        return credentials(now);
      },
    };
  } catch (error) {
    const where = wanted.file ?? 'found by $KUBECONFIG or in ~/.kube';
    throw new AppError(
      'spec/invalid',
      `The kubeconfig ${where} cannot be used: ${messageOf(error)}. Name another file or context`,
      {
        cause: error,
      },
    );
  }
}

function authorityOf(ca: unknown): Pick<KubeAccess, 'ca'> {
  return typeof ca === 'string' || Buffer.isBuffer(ca) ? { ca: () => Promise.resolve(ca) } : {};
}

function textOf<K extends 'cert' | 'key'>(key: K, value: unknown): Partial<Record<K, string | Buffer>> {
  const given: Partial<Record<K, string | Buffer>> = {};
  if (typeof value === 'string' || Buffer.isBuffer(value)) given[key] = value;
  return given;
}

function credentials({ headers, auth }: RequestOptions): Record<string, string> {
  const found: Record<string, string> = {};
  if (typeof auth === 'string') found['authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;
  for (const [name, value] of Object.entries(headers ?? {})) if (typeof value === 'string') found[name.toLowerCase()] = value;
  return found;
}
