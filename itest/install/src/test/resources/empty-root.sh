#!/bin/sh
# Lays out a root folder ($1) with no more than a shell, the usual tools, the C library, and curl for the tour's sake.
set -eu
root=$1
mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/usr/lib64" "$root/proc" "$root/dev" "$root/etc" "$root/root"
mkdir -p -m 1777 "$root/tmp"
for folder in bin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
for device in null zero random urandom; do : >"$root/dev/$device"; done
libraries() { ldd "$1" | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'; }
# As files, not as links to alternatives.
put() { mkdir -p "$root$(dirname "$1")"; [ -e "$root$1" ] || cp -L "$1" "$root$1"; }
for tool in sh basename cat chmod cp curl dirname env grep gzip head ln ls mkdir mkfifo mktemp mv nice printf readlink rm sed sha256sum \
  sleep tar touch tr uname wc; do
  path=/usr/bin/$tool
  [ -x "$path" ] || path=/bin/$tool
  cp -L "$path" "$root/usr/bin/$tool"
  for library in $(libraries "$path"); do put "$library"; done
done
# What the C library's package has beside; a JVM names these.
for library in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1; do put "/lib/x86_64-linux-gnu/$library"; done
