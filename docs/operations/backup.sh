#!/bin/sh
# A copy of the database while the service runs, whole and readable by its owner alone, of the key beside it and of
# the folder of attachments. Files there never change, so a copy of all backups has each of them once.
# Run as the service's user, from cron or a timer:  backup.sh /var/lib/branchbot /var/backups/branchbot
set -eu
umask 077

from=$1
to=$2
name="branchbot-$(date +%Y%m%d-%H%M%S)"

mkdir -p "$to"
sqlite3 "$from/branchbot.db" "VACUUM INTO '$to/$name.db'"
sqlite3 "$to/$name.db" "PRAGMA integrity_check" | grep -qx ok
# Without the key all links in messages that are already out would be dead.
if [ -f "$from/branchbot.db.key" ]; then cp "$from/branchbot.db.key" "$to/$name.db.key"; fi
# After the database: every file that its copy names is there.
if [ -d "$from/files" ]; then
    mkdir -p "$to/files"
    (cd "$from/files" && find . -type f ! -path './new/*') | while read -r file; do
        [ -f "$to/files/$file" ] && continue
        mkdir -p "$to/files/$(dirname "$file")"
        cp -p "$from/files/$file" "$to/files/$file.part" && mv "$to/files/$file.part" "$to/files/$file"
    done
fi
echo "$to/$name.db"
