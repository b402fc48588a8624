#!/bin/sh
# The verb the image runs and the one people ask a member for, with the variables of Apache's script.
set -eu

case ${1:-} in
  start-foreground)
    # JVM options are words without blanks, as in Apache's script; short-lived test servers gain from C1 and one GC thread.
    exec java -Dorg.slf4j.simpleLogger.showDateTime=true "-Xmx${ZK_SERVER_HEAP:-128}m" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
      ${SERVER_JVMFLAGS:-} ${JVMFLAGS:-} -cp '/opt/zookeeper/lib/*' \
      org.apache.zookeeper.server.quorum.QuorumPeerMain "$ZOO_CONF_DIR/zoo.cfg"
    ;;
  status)
    echo srvr | nc 127.0.0.1 "${2:-2181}" | grep '^Mode: '
    ;;
  *)
    echo "usage: zkServer.sh start-foreground | status [client-port]" >&2
    exit 64
    ;;
esac
