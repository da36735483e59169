#!/bin/sh
# Runs a command with a virtual display, to be looked at by VNC (port 5900) where that is installed and VNC_PASSWORD is set.
set -eu
folder=$(mktemp -d)
mkfifo "$folder/display"
Xvfb -screen 0 "${DISPLAY_SIZE:-1280x800x24}" -nolisten tcp -displayfd 3 3>"$folder/display" &
# Said once it takes connections.
read -r number <"$folder/display"
DISPLAY=:$number
export DISPLAY
if [ -n "${VNC_PASSWORD:-}" ]; then
  command -v x11vnc >/dev/null 2>&1 || { echo "display.sh: VNC_PASSWORD is set, but x11vnc is not here: build with VNC=yes" >&2; exit 1; }
  x11vnc -storepasswd "$VNC_PASSWORD" "$folder/vnc" >/dev/null
  unset VNC_PASSWORD
  x11vnc -display "$DISPLAY" -rfbauth "$folder/vnc" -forever -shared -quiet -bg
fi
exec "$@"
