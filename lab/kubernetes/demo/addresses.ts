import { kubectl } from '../kubectl.ts';

/** Of the Services of type NodePort in deploy/demo. */
const nodePorts = { payments: 30_080, prometheus: 30_090, alertmanager: 30_093 } as const;

/** How the demo system is reached from outside of the cluster. */
export interface DemoAddresses {
  readonly paymentsUrl: string;
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
}

/**
 * By the node Prometheus is on: every node answers on these ports, and the loss of that one loses Prometheus anyway, while
 * the loss of any other must not look like it. Prometheus must have a node.
 */
export async function demoAddresses(): Promise<DemoAddresses> {
  const selector = '--selector=app.kubernetes.io/name=prometheus';
  const node = await kubectl('get', 'pods', '--namespace=monitoring', selector, '-o', 'jsonpath={.items[0].status.hostIP}');
  const url = (port: number): string => `http://${node}:${port}`;
  return {
    paymentsUrl: url(nodePorts.payments),
    prometheusUrl: url(nodePorts.prometheus),
    alertmanagerUrl: url(nodePorts.alertmanager),
  };
}
