import type { Program } from '../host/program.ts';
import { debianRoot } from './debian-root.ts';

const packages = (
  'containerd runc containernetworking-plugins iproute2 iptables nftables conntrack ethtool ' +
  'bash coreutils util-linux mount procps grep sed findutils libc-bin tar gzip e2fsprogs kmod ca-certificates'
).split(' ');

/** The userland every node has as the read-only lower layer of its root. */
export const nodeUserland = (): Program<string> => debianRoot(packages);
