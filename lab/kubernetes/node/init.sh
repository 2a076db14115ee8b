#!/bin/bash
# Process 1 of a node, which reaps what is orphaned. Each service is started again when it ends, unless
# /lab/etc/NAME.off is there.
service() { # service NAME COMMAND...
  local name=$1
  shift
  (
    while :; do
      while [ -e "/lab/etc/$name.off" ]; do sleep .5; done
      "$@" >>"/var/log/$name.log" 2>&1 </dev/null &
      echo $! >"/run/$name.pid"
      wait $!
      echo "$(date) $name ended with $?" >>"/var/log/$name.log"
      sleep .5
    done
  ) &
}

until [ -e /sys/class/net/eth0 ]; do sleep .02; done
ip link set lo up
. /lab/etc/network.sh
. /lab/etc/services.sh
while :; do
  sleep 3600 &
  wait $!
done
