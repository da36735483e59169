# Sourced by the launchers and by mvnw: find_java_home prints the home of a JDK 25 or newer, or says what is missing.

# The version of the Java in home $1, such as 25.0.3, from its release file (no process is started); fails where there is none.
java_version() {
  [ -x "$1/bin/java" ] && [ -f "$1/release" ] || return 1
  while read -r line; do
    case $line in
      JAVA_VERSION=*)
        line=${line#*\"}
        version=${line%%\"*}
        return 0
        ;;
    esac
  done <"$1/release"
  return 1
}

# Sets java_home and version.
find_java() {
  wanted=25
  set -- "${VIBER_JAVA_HOME:-}" "${JAVA_HOME:-}"
  on_path=$(command -v java 2>/dev/null) && set -- "$@" "$(dirname "$(dirname "$(readlink -f "$on_path")")")"
  set -- "$@" /usr/lib/jvm/* /opt/java/* /opt/jdk* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
    "${HOME:-/nonexistent}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home
  for java_home in "$@"; do
    [ -n "$java_home" ] && java_version "$java_home" || continue
    feature=${version%%[!0-9]*}
    if [ "${feature:-0}" -ge "$wanted" ]; then
      return 0
    fi
  done
  echo "viber: no JDK $wanted or newer found. Looked at VIBER_JAVA_HOME, JAVA_HOME, java on the PATH, /usr/lib/jvm, /opt, ~/.sdkman and ~/.jdks." >&2
  echo "viber: install one (Debian: the package temurin-25-jdk or openjdk-25-jdk) or set JAVA_HOME to its folder." >&2
  return 3
}

find_java_home() {
  find_java || return 3
  printf '%s\n' "$java_home"
}
