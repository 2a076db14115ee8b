import { messageOf } from '../../domain/errors.ts';
import type { Command } from './command.ts';

interface Args {
  readonly image: string;
  readonly namespaces?: string;
  readonly nodes?: string;
  readonly faults?: string;
  readonly apiFaultsOnly: boolean;
  readonly pullSecret?: string;
  readonly print: boolean;
}

export const install: Command<Args> = {
  name: 'install',
  summary: "bring the agents and their records into the environment's cluster",
  options: (yargs) =>
    yargs
      .option('image', { type: 'string', demandOption: true, describe: 'of the agents, by digest: REGISTRY/NAME@sha256:…' })
      .option('namespaces', {
        type: 'string',
        describe: "namespaces that faults may act in, by commas (default: those of the environment's services)",
      })
      .option('nodes', {
        type: 'string',
        describe: 'nodes that node faults may act on, by commas; a* is a prefix (default: none)',
      })
      .option('faults', { type: 'string', describe: 'faults to enable, by commas (default: all)' })
      .option('api-faults-only', { type: 'boolean', default: false, describe: 'no faults that need a privileged pod' })
      .option('pull-secret', { type: 'string', describe: 'a Secret in both namespaces with which the image is pulled' })
      .option('print', { type: 'boolean', default: false, describe: 'print the manifests, and change nothing' }),
  async run({ environment, image, namespaces, nodes, faults, apiFaultsOnly, pullSecret, print }, output) {
    const [{ openClusterEnvironment }, { installationOf, install, hasMonitoring }] = await Promise.all([
      import('../../compose/cluster-environment.ts'),
      import('../../compose/install.ts'),
    ]);
    const { name, namespace, serviceNamespaces, configs, api } = await openClusterEnvironment(environment);
    const objects = installationOf({
      environment: name,
      namespace,
      namespaces: namespaces === undefined ? serviceNamespaces : listed(namespaces),
      configs,
      nodes: listed(nodes ?? ''),
      image,
      pullSecret: pullSecret ?? null,
      faults: faults === undefined ? null : listed(faults),
      apiFaultsOnly,
      monitoring: await hasMonitoring(api).catch((error: unknown) => {
        // A file can be made where there is no cluster.
        if (!print) throw error;
        output.warn(`ServiceMonitor and PrometheusRule are left out, for the cluster cannot be asked: ${messageOf(error)}`);
        return false;
      }),
    });
    if (print) {
      const { asYaml } = await import('../../install/manifests.ts');
      output.answer(objects, asYaml(objects).trimEnd());
      return 0;
    }
    const removed = await install(api, namespace, objects);
    api.close();
    const lines = [
      ...removed.map((each) => `removed   ${each}`),
      `${name}: ${objects.length} objects applied. Watch the agents start: kubectl -n ${namespace} get pods`,
    ];
    output.answer({ applied: objects.length, removed }, lines.join('\n'));
    return 0;
  },
};

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
