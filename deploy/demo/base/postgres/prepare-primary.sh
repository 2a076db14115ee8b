#!/bin/bash
# Makes the database when there is none, and gives its people today's passwords. Run before every start.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # In a folder beside it first: what is there is whole.
  rm -rf "$PGDATA" "$PGDATA.new"
  initdb -D "$PGDATA.new" -U postgres --auth=trust --no-sync -E UTF8 --locale=C >/dev/null
  mv "$PGDATA.new" "$PGDATA"
fi
# The group of the volume was given rights in it, which PostgreSQL refuses.
chmod 0700 "$PGDATA"
config=(-c config_file=/etc/postgresql/postgresql.conf)
pg_ctl -D "$PGDATA" -w -s -o "${config[*]} -c listen_addresses=''" start
psql -h /run/postgresql -U postgres -q -v ON_ERROR_STOP=1 -f /scripts/people.sql
pg_ctl -D "$PGDATA" -w -s -m fast stop
