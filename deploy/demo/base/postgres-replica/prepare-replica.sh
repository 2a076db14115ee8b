#!/bin/bash
# Clones the primary when there is no clone, or one of another database. Run before every start.
set -euo pipefail
until pg_isready -q -h postgres -t 2; do sleep 1; done
theirs=$(psql -h postgres -U replicator -d 'dbname=postgres replication=database' -Atc 'IDENTIFY_SYSTEM' | cut -d'|' -f1)
ours=$(pg_controldata -D "$PGDATA" 2>/dev/null | sed -n 's/^Database system identifier: *//p' || true)
if [ "$ours" = "$theirs" ]; then
  # The group of the volume was given rights in it, which PostgreSQL refuses.
  chmod 0700 "$PGDATA"
  exit 0
fi
rm -rf "$PGDATA" "$PGDATA.new"
pg_basebackup -h postgres -U replicator -D "$PGDATA.new" -X stream --checkpoint=fast --no-sync
touch "$PGDATA.new/standby.signal"
mv "$PGDATA.new" "$PGDATA"
