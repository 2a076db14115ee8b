import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedProgram, type Program } from '../host/program.ts';
import { cacheDirectory, runToEnd } from '../host/programs.ts';
import { contentHash } from './content-hash.ts';

/** Needed to install packages, never to run what is in them. */
const installersOnly = ['debconf', 'dpkg', 'gcc-12-base', 'init-system-helpers', 'perl', 'libperl', 'usrmerge', 'ucf', 'adduser'];
const documentation = ['doc', 'man', 'locale', 'info', 'lintian', 'bash-completion', 'zsh', 'bug'];

/**
 * Debian packages with everything they need, unpacked into a folder of their own: a root that a node or an image can have.
 * Nothing is installed, and no script of a package runs. What is found is the folder; it is read, never written.
 */
export function debianRoot(packages: readonly string[]): Program<string> {
  const wanted = [...packages].sort();
  return cachedProgram({
    name: `lab-debian-${contentHash([wanted])}`,
    what: `the Debian packages ${wanted.join(', ')}, with what they need,`,
    otherwise: 'Run apt-get update, and look whether the package sources of this machine have them',
    use: (directory) => directory,
    async unpack(work) {
      const archives = join(work, 'archives');
      await download(wanted, archives, work);
      const root = join(work, 'root');
      makeMerged(root);
      for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
        if (!isInstaller(file)) await extract(join(archives, file), root);
      }
      settle(root);
      await runToEnd(['ldconfig', '-r', root]);
      return root;
    },
  });
}

/** With an empty status file apt plans for a machine that has nothing: the whole closure. */
async function download(packages: readonly string[], archives: string, work: string): Promise<void> {
  const status = join(work, 'status');
  writeFileSync(status, '');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const settings = {
    'Dir::State::status': status,
    'Dir::Cache::archives': archives,
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const argv = ['apt-get', '-qq', '-y', ...options, '--download-only', 'install', ...packages];
  try {
    await runToEnd(argv);
  } catch {
    // A machine that was just installed has no package lists yet. apt refuses a second update beside the first.
    await runToEnd(['flock', join(cacheDirectory(), 'apt.lock'), 'apt-get', 'update']);
    await runToEnd(argv);
  }
}

const isInstaller = (file: string): boolean =>
  installersOnly.some((name) => file.startsWith(`${name}_`) || file.startsWith(`${name}-`)) || /-perl_/.test(file);

/** Before anything is unpacked: packages still say /bin, and mean /usr/bin. */
function makeMerged(root: string): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
}

async function extract(archive: string, root: string): Promise<void> {
  const excluded = documentation.map((name) => `--exclude=./usr/share/${name}`);
  await runToEnd([
    'bash',
    '-c',
    'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink "${@:3}"',
    'extract',
    archive,
    root,
    ...excluded,
  ]);
}

/** What the scripts of packages would have done. */
function settle(root: string): void {
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'root', 'etc', 'mnt', 'home', 'var/log', 'var/lib']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  // base-files has real folders here, which containerd's and kubelet's sockets must not be in.
  for (const [name, target] of [
    ['var/run', '/run'],
    ['var/lock', '/run/lock'],
    ['usr/bin/sh', 'bash'],
  ] as const) {
    link(target, join(root, name));
  }
  // The kernel may have no legacy tables; the nft variant works with every one that nodes need.
  for (const name of ['iptables', 'ip6tables'].flatMap((family) => [family, `${family}-save`, `${family}-restore`])) {
    const variant = name.replace('tables', 'tables-nft');
    if (existsSync(join(root, 'usr/sbin', variant))) link(variant, join(root, 'usr/sbin', name));
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\npasswd: files\ngroup: files\n');
}

function link(target: string, path: string): void {
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}
