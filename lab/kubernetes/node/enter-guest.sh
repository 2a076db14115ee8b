#!/bin/bash
# Process 1 of the netem worker's namespaces: lays out its root, and runs a Linux of its own on it.
# Given: NODE, FOLDER (of this node), USERLAND, PROGRAMS, GUEST (the unpacked user-mode-linux), TAP, MEMORY
set -euo pipefail
root=$FOLDER/root
mount --make-rprivate /
mount -t proc proc /proc
mount -t overlay -o "lowerdir=$USERLAND,upperdir=$FOLDER/upper,workdir=$FOLDER/work" overlay "$root"
mkdir -p "$root/lab/bin" "$root/lab/etc" "$root/lab/import" "$root/usr/lib/modules" "$FOLDER/import" "$FOLDER/memory"
mkdir -p "$root/var/lib/containerd" "$root/var/lib/kubelet"
mount --bind "$PROGRAMS" "$root/lab/bin"
mount --bind "$FOLDER/etc" "$root/lab/etc"
mount --bind "$FOLDER/import" "$root/lab/import"
mount --bind "$GUEST/usr/lib/uml/modules" "$root/usr/lib/modules"
version=$(ls "$GUEST/usr/lib/uml/modules")
# Once for all: the package makes it while it is installed, which it is not.
[ -e "$root/usr/lib/modules/$version/modules.dep" ] || chroot "$root" depmod "$version"
# The guest's nf_tables has no ip family.
for name in iptables ip6tables; do
  for part in '' -save -restore; do ln -sfn xtables-legacy-multi "$root/usr/sbin/$name$part"; done
done
echo "$NODE" >"$root/etc/hostname"
cp "$FOLDER/etc/hosts" "$FOLDER/etc/resolv.conf" "$root/etc/"
# Its memory is a file, which must be in memory.
mount -t tmpfs memory "$FOLDER/memory"
TMPDIR=$FOLDER/memory "$GUEST/usr/bin/linux.uml" "mem=$MEMORY" "umid=$NODE" "uml_dir=$FOLDER/memory/" \
  root=/dev/root rootfstype=hostfs "rootflags=$root" rw init=/lab/etc/guest-init.sh \
  "ubda=$FOLDER/containerd.img" "ubdb=$FOLDER/kubelet.img" \
  "vec0:transport=tap,ifname=$TAP,depth=64" con=null con0=fd:0,fd:1 &
wait $!
