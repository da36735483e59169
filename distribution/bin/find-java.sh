# Sourced by the launchers and by mvnw: find_java_home prints the home of a JDK 25 or newer, or says what is missing.

# The feature version of the Java in home $1, from its release file (no JVM is started); fails where there is none.
java_feature_version() {
  [ -x "$1/bin/java" ] && [ -f "$1/release" ] || return 1
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_java_home() {
  wanted=25
  set -- "${VIBER_JAVA_HOME:-}" "${JAVA_HOME:-}"
  on_path=$(command -v java 2>/dev/null) && set -- "$@" "$(dirname "$(dirname "$(readlink -f "$on_path")")")"
  set -- "$@" /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home
  for home in "$@"; do
    [ -n "$home" ] || continue
    found=$(java_feature_version "$home") || continue
    if [ "${found:-0}" -ge "$wanted" ]; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  echo "viber: no JDK $wanted or newer found. Looked at VIBER_JAVA_HOME, JAVA_HOME, java on the PATH, /usr/lib/jvm, /opt, ~/.sdkman and ~/.jdks." >&2
  echo "viber: install one (Debian: the package temurin-25-jdk or openjdk-25-jdk) or set JAVA_HOME to its folder." >&2
  return 3
}
