#!/bin/sh
# Goal P11 and the result set on public corpora, against the ripgrep of this machine; run by -Pbench.
# Arguments: a folder to work in, a Java, the class path.
set -eu
work=$1 java=$2 classes=$3
mkdir -p "$work/corpora"
# npm's, PyPI's and Go's own clients fetch; what they were told to fetch stays for the next run.
fetch() {
  name=$1
  shift
  [ -d "$work/corpora/$name" ] && return
  rm -rf "$work/fetch"
  mkdir -p "$work/fetch/content"
  (cd "$work/fetch" && "$@" >/dev/null 2>fetch.log) || { cat "$work/fetch/fetch.log" >&2; return 1; }
  for file in "$work"/fetch/*; do
    case $file in
      *.tgz | *.tar.gz) tar -xzf "$file" -C "$work/fetch/content" ;;
      *.whl | *.zip) python3 -m zipfile -e "$file" "$work/fetch/content" ;;
    esac
  done
  mv "$work/fetch/content" "$work/corpora/$name"
}
fetch typescript npm pack typescript@5.4.5
fetch core-js npm pack core-js@3.37.0
fetch date-fns npm pack date-fns@3.6.0
fetch django pip download --no-deps django==5.0.6

# The daemon's own flags.
run() {
  "$java" -Xmx4g -XX:+UseSerialGC -XX:+UseCompactObjectHeaders --enable-native-access=ALL-UNNAMED \
    ${BENCH_OPTS:-} -cp "$classes" "$@" 2>&1 | grep -a -v '^SLF4J'
}
status=0
run dev.viber.tool.search.SameOnCorpora "$work"/corpora/* || status=$?
run dev.viber.tool.search.SearchBench "$work/files-${FILES:-100000}" "${ROUNDS:-7}" || status=$?
exit $status
