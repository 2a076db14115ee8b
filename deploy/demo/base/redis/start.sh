#!/bin/bash
# The first pod is the primary, the others follow it.
set -euo pipefail
follow=()
[ "$HOSTNAME" = redis-0 ] || follow=(--replicaof redis-0.redis 6379)
exec redis-server /etc/redis/redis.conf --dir /run/redis "${follow[@]}"
