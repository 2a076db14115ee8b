#!/bin/bash
# Process 1 of a node's new namespaces, still on the host's root: builds the node's own root and moves into it.
# Given: NODE, FOLDER (of this node), USERLAND, PROGRAMS, CONTROLLERS, VOLUMES
set -euo pipefail
root=$FOLDER/root
mount --make-rprivate /
mount -t overlay -o "lowerdir=$USERLAND,upperdir=$FOLDER/upper,workdir=$FOLDER/work" overlay "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 cgroup "$root/sys/fs/cgroup"
# Every hierarchy of /proc/self/cgroup, the named one too: containerd's shim else has no OOM watcher, and says Error for OOMKilled.
for controller in $CONTROLLERS; do
  mkdir "$root/sys/fs/cgroup/$controller"
  options=$controller
  [ "$controller" = systemd ] && options=none,name=systemd
  mount -t cgroup -o "$options" "$controller" "$root/sys/fs/cgroup/$controller"
done
mount -t devtmpfs dev "$root/dev"
mkdir -p "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs shm "$root/dev/shm"
mount -t tmpfs -o mode=755 run "$root/run"
mkdir "$root/run/lock"
mount -t tmpfs tmp "$root/tmp"
mkdir -p "$root/lab/bin" "$root/lab/etc" "$root/var/lib/containerd" "$root/var/lib/kubelet"
mount --bind "$PROGRAMS" "$root/lab/bin"
mount --bind "$FOLDER/etc" "$root/lab/etc"
if [ -d "$FOLDER/containerd" ]; then mount --bind "$FOLDER/containerd" "$root/var/lib/containerd"; fi
if [ -e "$FOLDER/kubelet.img" ]; then
  mount -o loop "$FOLDER/kubelet.img" "$root/var/lib/kubelet"
  # Logs of pods count against the node's disk, as on any node.
  mkdir -p "$root/var/lib/kubelet/.logs"
  mount --bind "$root/var/lib/kubelet/.logs" "$root/var/log"
fi
for volume in $VOLUMES; do
  mkdir -p "$root/lab/volumes/$volume"
  mount -o loop "$FOLDER/volume-$volume.img" "$root/lab/volumes/$volume"
done
hostname "$NODE"
echo "$NODE" >"$root/etc/hostname"
cp "$FOLDER/etc/hosts" "$FOLDER/etc/resolv.conf" "$root/etc/"
cd "$root"
mkdir -p mnt
pivot_root . mnt
umount -l /mnt
mount --make-rshared /
exec env -i PATH=/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root NODE="$NODE" bash /lab/etc/init.sh
