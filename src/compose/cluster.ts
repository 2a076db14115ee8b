import type { ClusterRef } from '../domain/plan/plan.ts';
import type { KubeApi } from '../ports/kubernetes.ts';

/** Loaded when it is used: commands for hosts need none of it. Asks the cluster nothing yet. Errors: `spec/invalid`. */
export async function openCluster({ context, kubeconfig }: ClusterRef): Promise<KubeApi> {
  const [{ createKubeApi }, { kubeconfigAccess }] = await Promise.all([
    import('../adapters/kubernetes/api.ts'),
    import('../adapters/kubernetes/kubeconfig.ts'),
  ]);
  return createKubeApi(
    await kubeconfigAccess({
      ...(kubeconfig === null ? {} : { file: kubeconfig }),
      ...(context === null ? {} : { context }),
    }),
  );
}
