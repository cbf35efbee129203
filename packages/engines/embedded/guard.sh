#!/bin/sh
# Runs a server for as long as its owner lives:   guard.sh SIGNAL COMMAND [ARGUMENT...]
# The owner holds our standard input open. When that ends, however the owner ended, or when we are told to
# stop, the server gets SIGNAL. We write the server's pid to descriptor 3 and exit with its status.
signal=$1
shift
exec 4<&0 0</dev/null
"$@" 3>&- 4>&- &
server=$!
trap 'kill -s "$signal" "$server" 2>/dev/null' TERM INT HUP
echo "$server" >&3
exec 3>&-
( read -r _ <&4; kill -s "$signal" "$server" 2>/dev/null ) >/dev/null 2>&1 &
watcher=$!
exec 4<&-
# A trapped signal ends `wait` early.
while wait "$server"; status=$?; kill -0 "$server" 2>/dev/null; do :; done
kill "$watcher" 2>/dev/null
exit "$status"
