import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runToEnd } from '../host/programs.ts';
import { adminKubeconfig, pkiDirectory } from './layout.ts';
import { apiServer, everyWorker, nodeAddress, topology } from './topology.ts';

interface Certificate {
  readonly name: string;
  /** As the API server reads it: CN is the user, O the group. */
  readonly subject: string;
  readonly hosts?: readonly string[];
  /** `front-proxy-ca` for the one by which the API server speaks for others to aggregated APIs. */
  readonly authority?: string;
}

const { controlPlane, apiServiceAddress } = topology;

const certificates: readonly Certificate[] = [
  {
    name: 'apiserver',
    subject: '/CN=kube-apiserver',
    hosts: [
      `IP:${nodeAddress(controlPlane)}`,
      'IP:127.0.0.1',
      `IP:${apiServiceAddress}`,
      'DNS:kubernetes',
      'DNS:kubernetes.default',
      'DNS:kubernetes.default.svc',
      'DNS:kubernetes.default.svc.cluster.local',
    ],
  },
  { name: 'kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client' },
  { name: 'front-proxy-client', subject: '/CN=front-proxy-client', authority: 'front-proxy-ca' },
  { name: 'admin', subject: '/O=system:masters/CN=lab-admin' },
  { name: 'controller-manager', subject: '/CN=system:kube-controller-manager' },
  { name: 'scheduler', subject: '/CN=system:kube-scheduler' },
  { name: 'proxy', subject: '/CN=system:kube-proxy' },
  ...everyWorker.map((worker) => ({
    name: worker.name,
    subject: `/O=system:nodes/CN=system:node:${worker.name}`,
    hosts: [`DNS:${worker.name}`, `IP:${nodeAddress(worker)}`],
  })),
];

/** The users of kubeconfigs; each has one as `<name>.kubeconfig` beside its certificate. */
const users = ['admin', 'controller-manager', 'scheduler', 'proxy', ...everyWorker.map(({ name }) => name)];

/** Authorities, certificates and kubeconfigs of a new cluster, in its pki folder; the admin's kubeconfig beside it too. */
export async function makePki(): Promise<void> {
  const directory = pkiDirectory();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await Promise.all([makeAuthority('ca'), makeAuthority('front-proxy-ca')]);
  await Promise.all([makeSigningKey(), ...certificates.map(makeCertificate)]);
  for (const user of users) writeFileSync(join(directory, `${user}.kubeconfig`), kubeconfig(user), { mode: 0o600 });
  writeFileSync(adminKubeconfig(), kubeconfig('admin'), { mode: 0o600 });
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'];

async function makeAuthority(name: string): Promise<void> {
  const argv = ['openssl', 'req', '-x509', ...curve, '-subj', `/CN=lab-${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`];
  await runToEnd(argv, { cwd: pkiDirectory() });
}

async function makeCertificate({ name, subject, hosts, authority = 'ca' }: Certificate): Promise<void> {
  const cwd = pkiDirectory();
  const extensions = ['basicConstraints=CA:FALSE', 'keyUsage=digitalSignature', 'extendedKeyUsage=serverAuth,clientAuth'];
  if (hosts !== undefined) extensions.push(`subjectAltName=${hosts.join(',')}`);
  // Its own file: openssl's default one would make every certificate an authority.
  writeFileSync(join(cwd, `${name}.cnf`), ['[req]', 'distinguished_name=name', '[name]', '[v3]', ...extensions, ''].join('\n'));
  const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`];
  const output = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  const config = ['-config', `${name}.cnf`, '-extensions', 'v3'];
  await runToEnd(['openssl', 'req', '-x509', ...curve, '-subj', subject, ...config, ...signer, ...output], { cwd });
}

/** What service account tokens are signed with. */
async function makeSigningKey(): Promise<void> {
  const cwd = pkiDirectory();
  await runToEnd(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'service-accounts.key'], { cwd });
}

function kubeconfig(user: string): string {
  const base64 = (file: string): string => readFileSync(join(pkiDirectory(), file)).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: apiServer, 'certificate-authority-data': base64('ca.crt') } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(`${user}.crt`), 'client-key-data': base64(`${user}.key`) },
      },
    ],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  });
}
