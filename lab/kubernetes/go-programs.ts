import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cachedProgram, type Program } from '../host/program.ts';
import { runToEnd } from '../host/programs.ts';
import { contentHash } from './content-hash.ts';
import { findGo } from './go-toolchain.ts';
import { topology } from './topology.ts';

const sources = join(import.meta.dirname, 'go');

/** What to build: `go/<name>/` pins its versions and sums in go.mod and go.sum. */
interface GoProgram {
  readonly what: string;
  /** The main package; our own in that folder when it is `.`. */
  readonly package: string;
  readonly linkerFlags?: readonly string[];
  readonly tags?: readonly string[];
  /** Links beside it: it is many programs, told apart by their names. */
  readonly names?: readonly string[];
}

/** Kubernetes says its version only when it is told while it is linked. */
const kubernetesVersion = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) => {
  const [major = '', minor = ''] = topology.kubernetes.split('.');
  const values = {
    gitVersion: `v${topology.kubernetes}`,
    gitMajor: major,
    gitMinor: minor,
    gitCommit: 'lab',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
  };
  return Object.entries(values).map(([name, value]) => `-X ${path}.${name}=${value}`);
});

export const goPrograms = {
  hyperkube: {
    what: `Kubernetes ${topology.kubernetes}`,
    package: '.',
    linkerFlags: kubernetesVersion,
    names: ['kubectl', 'kubelet', 'kube-proxy', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'],
  },
  coredns: { what: 'CoreDNS', package: '.' },
  pause: { what: "the pods' first process", package: '.' },
  'metrics-server': { what: 'metrics-server', package: 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
  'kube-state-metrics': { what: 'kube-state-metrics', package: 'k8s.io/kube-state-metrics/v2' },
  'node-exporter': { what: 'node-exporter', package: 'github.com/prometheus/node_exporter' },
  // Debian's cannot discover pods; of all the clouds it knows, this one needs Kubernetes alone.
  prometheus: {
    what: 'Prometheus',
    package: 'github.com/prometheus/prometheus/cmd/prometheus',
    tags: ['remove_all_sd', 'enable_kubernetes_sd'],
  },
} as const satisfies Readonly<Record<string, GoProgram>>;

export type GoProgramName = keyof typeof goPrograms;
export const goProgramNames = Object.keys(goPrograms) as GoProgramName[];

/** A program to be built once from its Go modules; what is found is the file. `hash`: of its sources, versions and flags. */
export function goProgram(name: GoProgramName): { readonly hash: string; readonly program: Program<string> } {
  const { what, package: main, linkerFlags = [], tags = [], names = [] }: GoProgram = goPrograms[name];
  const folder = join(sources, name);
  const hash = contentHash([main, linkerFlags, tags, names], [folder]);
  const program = cachedProgram({
    name: `lab-${name}-${hash}`,
    what: `${what}, built from its Go modules,`,
    otherwise: 'What go says above is why; the Go module proxy must be reachable',
    use: (directory) => join(directory, name),
    async unpack(work) {
      const go = await findGo();
      const output = join(work, 'output');
      mkdirSync(output);
      const options = [
        '-mod=readonly',
        '-trimpath',
        `-tags=${tags.join(',')}`,
        `-ldflags=${['-s', '-w', ...linkerFlags].join(' ')}`,
      ];
      // nice: a build of five minutes must not make the machine useless for everybody else.
      await runToEnd(['nice', '-n', '10', go, 'build', ...options, '-o', join(output, name), main], {
        cwd: folder,
        env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'auto', GOWORK: 'off' },
      });
      for (const other of names) symlinkSync(name, join(output, other));
      return output;
    },
  });
  return { hash, program };
}
