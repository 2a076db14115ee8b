import { faultContract } from '../../faults/fault-contract.ts';
import { core, openSandbox, podTarget } from './cluster.ts';

faultContract('telemetry-loss', async () => {
  const sandbox = await openSandbox();
  const [pod] = await sandbox.deploy('web', { replicas: 1, scraped: true });
  return {
    target: podTarget(pod!),
    params: {},
    lent: { cluster: sandbox.tools },
    async broken() {
      const now = await sandbox.api.get({ ...core, resource: 'pods', namespace: sandbox.namespace }, pod!.metadata.name);
      return now?.metadata.annotations?.['prometheus.io/scrape'] !== 'true';
    },
    dispose: sandbox.dispose,
  };
});
