import type { Layer } from '../image-builder/recipe.ts';

/** Node as our tests run it, with the libraries it is linked to: TypeScript runs from its source. */
export const node: readonly Layer[] = [
  {
    debian: ['libstdc++6', 'libgcc-s1', 'libc6'],
    take: ['libstdc++.so.6', 'libgcc_s.so.1', 'libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'ld-linux-x86-64.so.2']
      .map((library) => `/usr/lib/x86_64-linux-gnu/${library}`)
      .concat('/usr/lib64/ld-linux-x86-64.so.2'),
  },
  { source: { 'node_modules/node/bin/node': '/usr/bin/node' } },
];

/** A shell and the small programs that probes, hooks and people expect. */
export const shell: Layer = {
  debian: ['bash', 'busybox'],
  take: ['/usr/bin/bash', '/usr/bin/busybox'],
};

const applets =
  'awk base64 basename cat chmod chown clear cmp cp cut date dd df dirname du echo env expr false find free grep gunzip gzip ' +
  'head hostname id kill killall less ln ls md5sum mkdir mkfifo mknod more mv nc nslookup od pgrep pidof ping pkill printf ps ' +
  'pwd readlink realpath rm rmdir sed seq sha256sum sleep sort stat stty sync tail tar tee test time timeout top touch tr ' +
  'traceroute true tty uname uniq uptime vi wc wget which whoami xargs yes';

/** busybox under the names of what it can be. */
export const shellLinks: Layer = {
  files: {
    '/usr/bin/sh': { link: 'bash' },
    ...Object.fromEntries(applets.split(' ').map((name) => [`/usr/bin/${name}`, { link: 'busybox' }])),
  },
};
