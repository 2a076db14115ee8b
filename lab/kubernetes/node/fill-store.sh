#!/bin/bash
# Brings image archives into a containerd root that no node uses: fill-store.sh USERLAND ROOT ARCHIVE...
# Runs in mount and pid namespaces of its own: all it mounts and starts ends with it.
set -euo pipefail
userland=$1
store=$2
shift 2
root=$(mktemp -d)
trap 'umount --lazy "$root"; rmdir "$root"' EXIT
mount -t tmpfs tmpfs "$root"
mkdir "$root/lower" "$root/root" "$root/upper" "$root/work"
mount -t overlay -o "lowerdir=$userland,upperdir=$root/upper,workdir=$root/work" overlay "$root/root"
mount -t proc proc "$root/root/proc"
mkdir -p "$root/root/var/lib/containerd"
mount --bind "$store" "$root/root/var/lib/containerd"
printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >"$root/root/etc/store.toml"
chroot "$root/root" containerd --config /etc/store.toml --log-level error >"$root/root/tmp/containerd.log" 2>&1 &
for ((i = 0; i < 200; i++)); do
  chroot "$root/root" ctr version >/dev/null 2>&1 && break
  sleep .05
done
import() { chroot "$root/root" ctr --namespace k8s.io images import --snapshotter overlayfs - <"$1" >/dev/null; }
for archive in "$@"; do
  # Once more when it fails: containerd may collect as garbage a layer that the import has just found to be there.
  import "$archive" || import "$archive"
done
kill %1
wait %1 || true
