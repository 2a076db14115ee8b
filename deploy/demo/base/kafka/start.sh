#!/bin/bash
# A broker that is a controller too, with the number of its pod.
set -euo pipefail
number=${HOSTNAME##*-}
cat > /run/kafka/server.properties <<PROPERTIES
process.roles=broker,controller
node.id=$number
controller.quorum.voters=0@kafka-0.kafka:9093,1@kafka-1.kafka:9093,2@kafka-2.kafka:9093
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://$HOSTNAME.kafka.data.svc.cluster.local:9092
log.dirs=/var/lib/kafka/log
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.session.timeout.ms=6000
log.cleaner.dedupe.buffer.size=4194304
PROPERTIES
export CLASSPATH='/opt/kafka/*'
options=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData "-Dlog4j.configuration=file:/etc/kafka/log4j.properties")
if [ ! -e /var/lib/kafka/log/meta.properties ]; then
  java "${options[@]}" kafka.tools.StorageTool format --cluster-id ZmlyZWRyaWxsLWRlbW8tMQ --config /run/kafka/server.properties
fi
exec java "${options[@]}" -Xmx192m kafka.Kafka /run/kafka/server.properties
