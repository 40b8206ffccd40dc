#!/bin/sh
# Deletes the mail of removed mailboxes. Run it every hour on the mail host as the owner of the mail, with the role mail_host in
# PGHOST, PGDATABASE, PGUSER and PGPASSWORD (or a service file).
#   remove-mail.sh [folder of the mail, /var/vmail] [age of removals, 1 hour]
set -eu
folder=${1:-/var/vmail}
age=${2:-1 hour}
psql -AtXq -v ON_ERROR_STOP=1 -v age="$age" <<'SQL' | while read -r home; do
SELECT home FROM mail_removed_boxes WHERE removed_at <= now() - :'age'::interval;
SQL
  [ -n "$home" ] || continue
  rm -rf -- "${folder:?}/$home"
  psql -Xq -v ON_ERROR_STOP=1 -c "DELETE FROM mail_removed_boxes WHERE home = '$home'" </dev/null
done
