#!/bin/sh
# The same program under the name that the server side goes by.
set -eu
self=$0
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=$(dirname -- "$self")/$link ;;
  esac
done
VIBER_COMMAND="${VIBER_COMMAND:-$0}"
export VIBER_COMMAND
exec "$(CDPATH= cd -- "$(dirname -- "$self")" && pwd -P)/viber" "$@"
