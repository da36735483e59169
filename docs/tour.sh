#!/bin/sh
# The tour of the README, run from beginning to end against a folder of its own, which is removed at the end.
# $VIBER names the program; without it the checkout's own is taken.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
viber=${VIBER:-$here/../viber}
tour=$(mktemp -d)
daemons=
# Ends the daemons that this script started, by their pids, and takes the folder away.
leave() {
  for pid in $daemons; do kill "$pid" 2>/dev/null || :; done
  for pid in $daemons; do wait "$pid" 2>/dev/null || :; done
  rm -rf "$tour"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

say() { printf '\n## %s\n' "$1"; }
# Shows a command as a reader would type it, then runs it.
show() { printf '$ viber'; printf ' %s' "$@"; printf '\n'; "$viber" "$@"; }
# Fails with what was wanted and what there was.
expect() {
  case $2 in
    *"$1"*) ;;
    *) printf 'tour: wanted "%s" in:\n%s\n' "$1" "$2" >&2; exit 1 ;;
  esac
}
# Starts a daemon and returns when it says that it is ready; its pid is in $pid. A pipe is waited on; nothing polls.
start() {
  name=$1
  shift
  mkfifo "$tour/$name.out"
  printf '$ %sviber' "${with:-}"; printf ' %s' "$@"; printf ' &\n'
  "$viber" "$@" >"$tour/$name.out" 2>"$tour/$name.log" &
  pid=$!
  daemons="$daemons $pid"
  exec 3<"$tour/$name.out"
  ready=
  while read -r line <&3; do
    case $line in ready:*) ready=yes; printf '%s\n' "$line"; break ;; esac
  done
  # What it says later is read as well, or the pipe would fill.
  cat <&3 >"$tour/$name.rest" &
  exec 3<&-
  [ -n "$ready" ] || { cat "$tour/$name.log" >&2; exit 1; }
}

mkdir "$tour/work"
cd "$tour/work"
# So that the playbooks have the paths that a reader types.
ln -s "$here" docs
unset VIBER_SERVER VIPER_API_BASE VIBER_TOKEN
VIBER_STATE=$tour/state
export VIBER_STATE

say "A gateway and a viber in one process"
start up up --listen 127.0.0.1:0

say "A task"
api=$(sed -n 's/.*"api":"\([^"]*\)".*/\1/p' "$VIBER_STATE/server.json")
VIBER_SERVER=${api%/api/v1}
export VIBER_SERVER
show status
done=$(show run -f docs/examples/hello.yaml)
printf '%s\n' "$done"
expect "completed: hello" "$done"

say "What is left to do"
# The playbook of docs/playbooks.md, as it stands there.
sed -n '/^name: count-todos/,/^```/{/^```/d;p}' "$here/playbooks.md" >count-todos.yaml
mkdir src
printf '// TODO: more\nint a; // nothing\n// TODO: less\n' >src/A.java
printf 'ignored\n' >src/.ignore
printf 'TODO\n' >src/ignored
done=$(show run -f count-todos.yaml --input root=src)
printf '%s\n' "$done"
expect "count: 2" "$done"
expect "2 left" "$(cat todos.txt)"

say "kill -9 in the middle of a task"
taken=$(show run -f docs/examples/slow.yaml --detach)
printf '%s\n' "$taken"
task=$(printf '%s\n' "$taken" | sed -n 's/^task \([^ ]*\) is taken in.*/\1/p')
printf '$ kill -9 %s\n' "$pid"
kill -9 "$pid"
wait "$pid" 2>/dev/null || :
start again up --listen 127.0.0.1:0
api=$(sed -n 's/.*"api":"\([^"]*\)".*/\1/p' "$VIBER_STATE/server.json")
VIBER_SERVER=${api%/api/v1}
done=$(show task follow "$task")
printf '%s\n' "$done"
expect "written once" "$done"
show task list
show task show "$task"

say "The same over HTTP"
token=$(cat "$VIBER_STATE/owner.token")
printf '$ curl -H "Authorization: Bearer $token" $api/tasks/%s\n' "$task"
answer=$(curl -fsS -H "Authorization: Bearer $token" "$api/tasks/$task")
printf '%s\n' "$answer"
expect '"status":"completed"' "$answer"
printf '$ curl -N -H "Authorization: Bearer $token" -H "Accept: text/event-stream" -H "Last-Event-ID: 1" $api/tasks/%s/events\n' "$task"
stream=$(curl -fsSN -H "Authorization: Bearer $token" -H 'Accept: text/event-stream' -H 'Last-Event-ID: 1' "$api/tasks/$task/events")
printf '%s\n' "$stream" | head -n 8
expect 'event: completed' "$stream"

say "The shell of the framework"
bundles=$(show shell lb)
printf '%s\n' "$bundles" | grep -e '^\$' -e 'ID|' -e '(0\.1\.0)'
expect "gateway (0.1.0)" "$bundles"
tasks=$(show shell viber:tasks)
printf '%s\n' "$tasks" | head -n 4
expect "$task" "$tasks"
kill "$pid"
wait "$pid" 2>/dev/null || :

say "Gateway and viber apart"
start server server --listen 127.0.0.1:0
ws=$(sed -n 's/.*"ws":"\([^"]*\)".*/\1/p' "$VIBER_STATE/server.json")
api=$(sed -n 's/.*"api":"\([^"]*\)".*/\1/p' "$VIBER_STATE/server.json")
VIBER_SERVER=${api%/api/v1}
printf '$ token=$(viber token create box)\n'
secret=$("$viber" token create box)
VIBER_TOKEN=$secret
export VIBER_TOKEN
with='VIBER_TOKEN=$token '
start viber start --id box --server "$ws" --state "$tour/box" --workspace "$tour/work"
unset VIBER_TOKEN with
vibers=$(show vibers list)
printf '%s\n' "$vibers"
expect "box" "$vibers"
show run -f docs/examples/hello.yaml --viber box
