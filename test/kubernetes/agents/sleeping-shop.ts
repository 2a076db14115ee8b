import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { applyManifests } from '../../../lab/kubernetes/kubectl.ts';

/** A namespace with a Deployment `shop` of one pod, which does nothing. */
export async function makeSleepingShop(namespace: string): Promise<void> {
  await applyManifests(`
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: ${namespace} }
spec:
  replicas: 1
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: shop
          image: ${imageReference('tools')}
          imagePullPolicy: IfNotPresent
          command: [sleep, '36000']
          resources: { requests: { cpu: 5m, memory: 8Mi }, limits: { cpu: 100m, memory: 64Mi } }
`);
}
