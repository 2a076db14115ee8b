import { stringify } from 'yaml';
import { applyManifests } from '../kubectl.ts';
import { receiver } from './environment-file.ts';

/** Tells Alertmanager where the worker is: the Service `monitoring/receiver` has no pods, its one address is outside. */
export async function pointReceiver(): Promise<void> {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'monitoring', name: 'receiver', labels: { 'kubernetes.io/service-name': 'receiver' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: receiver.port }],
    endpoints: [{ addresses: [receiver.address], conditions: { ready: true } }],
  };
  await applyManifests(stringify(slice));
}
