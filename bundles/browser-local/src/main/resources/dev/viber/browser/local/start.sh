# The first process of a session's namespaces: root of them, which outside is the viber's user, or root.
# $1 the folder that becomes its /tmp, $2 the distribution, $3 the Java, $4 the Chrome's folder or -, $5 the uid to become,
# $6 whether that is done by setpriv (root) or by a user namespace (any user), $7 the folder of the host's sockets, which the
# session may use and not change; then folders that are not to be seen.
set -eu
session=$1 home=$2 java=$3 chrome=$4 uid=$5 how=$6 host=$7
shift 7
ip link set lo up
# All that is needed is bound before /tmp is covered: any of it may lie below.
mkdir -p "$session/home" "$session/java" "$session/chrome" "$session/host"
mount --bind "$home" "$session/home"
mount --bind "$java" "$session/java"
mount --bind "$host" "$session/host"
[ "$chrome" = - ] || mount --bind "$chrome" "$session/chrome"
mount --rbind "$session" /tmp
for each in "$@"; do
  [ ! -d "$each" ] || mount -t tmpfs -o size=16k,mode=755 none "$each"
done
cd /tmp
if [ "$how" = setpriv ]; then
  set -- setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs --
else
  set -- unshare --user --map-user="$uid" --map-group="$uid" --
fi
# Not exec: this shell stays, to take in what Chrome's processes leave behind.
"$@" /tmp/java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms16m -Xmx192m -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData \
  --sun-misc-unsafe-memory-access=allow -cp '/tmp/home/lib/*' dev.viber.guest.launcher.Main /tmp/home &
wait $!
