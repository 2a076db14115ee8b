#!/bin/bash
# PgBouncer takes passwords from a file alone.
set -euo pipefail
umask 077
printf '"payments" "%s"\n"drill" "%s"\n' "$PAYMENTS_PASSWORD" "$DRILL_PASSWORD" > /run/pgbouncer/userlist.txt
