import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';

/** Where an API server is and how to prove who we are. */
export interface KubeAccess {
  /** Its URL. */
  readonly server: string;
  /** The namespace that is meant where none is named. */
  readonly namespace: string;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** What the certificate must be for, where it is not the server's own name. */
  readonly serverName?: string;
  /** Who signs for the server at the moment; absent: whom the system trusts. Clusters change it while a process lives. */
  ca?(): Promise<string | Buffer>;
  /** Credentials of the moment: tokens change while a process lives. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Access of a pod's service account. `env`: the two variables that the kubelet sets. Errors: `spec/invalid` outside a pod. */
export async function inClusterAccess(
  { host, port }: { readonly host: string | undefined; readonly port: string | undefined },
  directory = serviceAccount,
): Promise<KubeAccess> {
  if (host === undefined || port === undefined) throw notInPod('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  // Of memory, at once: by way of other threads, its two small files were a quarter of what an agent at rest costs.
  const read = (name: string): string => {
    try {
      return readFileSync(join(directory, name), 'utf8').trim();
    } catch (error) {
      throw notInPod(`${join(directory, name)} cannot be read`, error);
    }
  };
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: read('namespace'),
    ca: async () => read('ca.crt'),
    headers: async () => ({ authorization: `Bearer ${read('token')}` }),
  };
}

function notInPod(problem: string, cause?: unknown): AppError {
  return new AppError(
    'spec/invalid',
    `There is no service account to use: ${problem}. Run this in a pod with a mounted token, or name a kubeconfig`,
    { cause },
  );
}
