/**
 * The token of the pod's service account, as the kubelet mounts it by itself into every container: a volume, so that it is in the
 * container that is to have it, and in no other. The pod says `automountServiceAccountToken: false`.
 */
export const tokenVolume = {
  name: 'token',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
  },
} as const;

export const tokenMount = {
  name: tokenVolume.name,
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  readOnly: true,
} as const;
