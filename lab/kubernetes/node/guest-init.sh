#!/bin/bash
# Process 1 within the netem worker: what a kernel of its own needs before a node can be on it.
export PATH=/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs -o mode=755 run /run
mkdir /run/lock
mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
modprobe --all overlay veth br_netfilter nf_nat iptable_nat iptable_filter iptable_mangle xt_statistic xt_nat xt_addrtype \
  xt_recent ipt_REJECT xt_nfacct xt_MASQUERADE xt_mark xt_comment xt_conntrack xt_tcpudp xt_REDIRECT nf_tables \
  sch_netem sch_prio sch_tbf sch_htb sch_ingress cls_u32 cls_basic cls_flower cls_matchall em_cmp em_u32 em_meta act_mirred act_gact
# Without the two devices that it makes in the node's own network.
modprobe ifb numifbs=0
mount /dev/ubda /var/lib/containerd
mount /dev/ubdb /var/lib/kubelet
mkdir -p /var/lib/kubelet/.logs
mount --bind /var/lib/kubelet/.logs /var/log
mount --make-rshared /
# cAdvisor asks for a clock speed, which the guest's processor does not have.
sed 's/^mode.*/cpu MHz\t\t: 2000.000/' /proc/cpuinfo >/run/cpuinfo
mount --bind /run/cpuinfo /proc/cpuinfo
cp /etc/hostname /proc/sys/kernel/hostname
ip link set dev vec0 down
ip link set dev vec0 name eth0
# There is no way in but the network and this folder: image archives that are put into it are imported.
import() { ctr --namespace k8s.io images import "$1" >"$1.log" 2>&1; }
while :; do
  for archive in /lab/import/*.tar; do
    [ -e "$archive" ] || continue
    if import "$archive" || import "$archive"; then outcome=done; else outcome=failed; fi
    mv "$archive" "${archive%.tar}.$outcome"
  done
  sleep .5
done &
exec bash /lab/etc/init.sh
