import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Both ends of the payments topic, with an account of their own that Kafka has no part in: what was acknowledged must be
 * consumed or dead-lettered, whatever happens to a broker. Usage: java PaymentLedger.java produce|consume.
 * Env: KAFKA (bootstrap servers), PORT (of /metrics and /health), RATE (messages a second; of the producer).
 */
public final class PaymentLedger {
  private static final String TOPIC = "payments";
  private static final String DEAD_LETTERS = "payments.dlq";
  private static final String GROUP = "payments-processor";
  private static final int PARTITIONS = 6;
  private static final short REPLICATION = 3;
  /** One message in so many cannot be processed. */
  private static final int POISONED = 100;

  private static final Map<String, AtomicLong> ACCOUNT = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws Exception {
    String role = arguments.length == 1 ? arguments[0] : "";
    switch (role) {
      case "produce" -> produce();
      case "consume" -> consume();
      default -> throw new IllegalArgumentException("usage: PaymentLedger.java produce|consume");
    }
  }

  private static void produce() throws Exception {
    makeTopics();
    count("ledger_produced_total", 0);
    count("ledger_produce_errors_total", 0);
    serveMetrics();
    long intervalNanos = (long) (1e9 / Double.parseDouble(setting("RATE")));
    try (Producer<String, String> producer = new KafkaProducer<>(clientSettings())) {
      long due = System.nanoTime();
      for (long number = 1; ; number++) {
        String payment = number % POISONED == 0 ? "not a payment" : "{\"payment\":" + number + "}";
        producer.send(
            new ProducerRecord<>(TOPIC, Long.toString(number), payment),
            (metadata, error) -> count(error == null ? "ledger_produced_total" : "ledger_produce_errors_total", 1));
        due += intervalNanos;
        long wait = due - System.nanoTime();
        if (wait > 0) Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
      }
    }
  }

  private static void consume() throws Exception {
    for (String name : List.of("ledger_consumed_total", "ledger_dlq_total", "ledger_redelivered_total")) count(name, 0);
    serveMetrics();
    Map<TopicPartition, Long> seen = new HashMap<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(clientSettings());
        Producer<String, String> deadLetters = new KafkaProducer<>(clientSettings())) {
      consumer.subscribe(List.of(TOPIC));
      while (true) {
        for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(500))) {
          TopicPartition partition = new TopicPartition(message.topic(), message.partition());
          // A group that is set up anew gets again what was not committed: that is no second payment.
          if (message.offset() <= seen.getOrDefault(partition, -1L)) {
            count("ledger_redelivered_total", 1);
            continue;
          }
          process(message, deadLetters);
          seen.put(partition, message.offset());
        }
        commit(consumer);
        set("ledger_lag", lag(consumer));
      }
    }
  }

  private static void process(ConsumerRecord<String, String> message, Producer<String, String> deadLetters) throws Exception {
    if (message.value().startsWith("{")) {
      count("ledger_consumed_total", 1);
      return;
    }
    deadLetters.send(new ProducerRecord<>(DEAD_LETTERS, message.key(), message.value())).get();
    count("ledger_dlq_total", 1);
  }

  private static void commit(KafkaConsumer<String, String> consumer) {
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      positions.put(partition, new OffsetAndMetadata(consumer.position(partition)));
    }
    consumer.commitAsync(positions, null);
  }

  private static long lag(KafkaConsumer<String, String> consumer) {
    long lag = 0;
    for (TopicPartition partition : consumer.assignment()) lag += consumer.currentLag(partition).orElse(0L);
    return lag;
  }

  private static void makeTopics() throws Exception {
    Map<String, String> durable = Map.of("min.insync.replicas", "2", "retention.bytes", "16777216", "segment.bytes", "4194304");
    try (Admin admin = Admin.create(clientSettings())) {
      for (String name : List.of(TOPIC, DEAD_LETTERS)) {
        try {
          admin.createTopics(List.of(new NewTopic(name, PARTITIONS, REPLICATION).configs(durable))).all().get();
        } catch (ExecutionException error) {
          if (!(error.getCause() instanceof TopicExistsException)) throw error;
        }
      }
    }
  }

  private static Properties clientSettings() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", setting("KAFKA"));
    settings.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    settings.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    settings.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    settings.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    settings.put("linger.ms", "5");
    settings.put("group.id", GROUP);
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "earliest");
    settings.put("session.timeout.ms", "10000");
    return settings;
  }

  private static void count(String name, long by) {
    ACCOUNT.computeIfAbsent(name, key -> new AtomicLong()).addAndGet(by);
  }

  private static void set(String name, long value) {
    ACCOUNT.computeIfAbsent(name, key -> new AtomicLong()).set(value);
  }

  private static void serveMetrics() throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(setting("PORT"))), 0);
    server.createContext("/metrics", exchange -> {
      StringBuilder page = new StringBuilder();
      new TreeMap<>(ACCOUNT).forEach((name, value) -> {
        page.append("# TYPE ").append(name).append(name.endsWith("_total") ? " counter\n" : " gauge\n");
        page.append(name).append(' ').append(value.get()).append('\n');
      });
      byte[] body = page.toString().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "text/plain; version=0.0.4");
      exchange.sendResponseHeaders(200, body.length);
      try (var stream = exchange.getResponseBody()) {
        stream.write(body);
      }
    });
    server.createContext("/health", exchange -> {
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    server.start();
  }

  private static String setting(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) throw new IllegalStateException(name + " is not set");
    return value;
  }
}
