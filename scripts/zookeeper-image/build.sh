#!/bin/bash
# Builds a ZooKeeper image from the files of this machine's Debian or Ubuntu packages; needs no image registry.
#   build.sh [tag]      default tag: quorate/zookeeper:debian
# Needs a Docker daemon and a Java runtime, libzookeeper-java, busybox-static and unzip.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tag=${1:-quorate/zookeeper:debian}
java_home=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
jars=/usr/share/java
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,usr/bin,opt/zookeeper/{bin,lib},opt/java/{bin,lib}} "$root"/{conf,data,datalog,logs}
chmod 1777 "$root/tmp"

copy_java() {
  cp -L "$java_home"/bin/{java,keytool} "$root/opt/java/bin/"
  cp -rL "$java_home/conf" "$root/opt/java/"
  # Everything below lib but the graphical and printing libraries, whose own dependencies would double the image.
  tar -C "$java_home/lib" -ch --exclude=classes_nocoops.jsa --exclude='lib*awt*' --exclude='libfont*' --exclude=libjsound.so \
    --exclude=libjavajpeg.so --exclude=liblcms.so --exclude=libmlib_image.so --exclude=libsplashscreen.so --exclude=src.zip --exclude=ct.sym . |
    tar -C "$root/opt/java/lib" -x
}

# The packaged zookeeper.jar names most of what it needs in its manifest; the second list is what the manifest lacks:
# a logger, Netty's remaining modules (TLS) and what the admin server loads.
copy_jars() {
  local manifest jar
  manifest=$(unzip -p "$jars/zookeeper.jar" META-INF/MANIFEST.MF | tr -d '\r' | sed -e ':join' -e 'N;s/\n //;tjoin' -e 'P;D')
  for jar in $(sed -n 's/^Class-Path: //p' <<<"$manifest") \
    "$jars"/{zookeeper,slf4j-simple,netty-codec,netty-resolver,netty-transport-native-unix-common,servlet-api,jetty9-util-ajax}.jar; do
    [ ! -e "$jar" ] || cp -L "$jar" "$root/opt/zookeeper/lib/"
  done
}

# What the copied programs and libraries load, as ldd tells; it fails on those that load nothing.
copy_shared_libraries() {
  local library
  { find "$root/opt/java" "$root/bin" -type f -exec ldd {} \; 2>/dev/null || true; } |
    grep -o '/[^ :]*\.so[^ :)]*' | grep -v -e "^$root" -e "^$java_home" | sort -u |
    while read -r library; do
      mkdir -p "$root$(dirname "$library")"
      cp -L "$library" "$root$library"
    done
}

copy_shell() {
  local applet
  cp /bin/busybox "$root/bin/busybox"
  for applet in $("$root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"
  done
  printf 'root:x:0:0:root:/:/bin/sh\nzookeeper:x:1000:1000::/data:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nzookeeper:x:1000:\n' >"$root/etc/group"
  printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
}

copy_java
copy_jars
copy_shell
copy_shared_libraries
install -m 755 "$here/docker-entrypoint.sh" "$root/"
install -m 755 "$here/zkServer.sh" "$here/zkCli.sh" "$root/opt/zookeeper/bin/"

archive=$root.tar
trap 'rm -rf "$root" "$archive"' EXIT
tar -C "$root" --numeric-owner --owner=0 --group=0 --exclude=./conf --exclude=./data --exclude=./datalog --exclude=./logs -cf "$archive" .
tar -C "$root" --numeric-owner --owner=1000 --group=1000 -rf "$archive" conf data datalog logs
docker import --change "$(cat "$here/image-config")" "$archive" "$tag" >/dev/null
echo "built $tag" >&2
