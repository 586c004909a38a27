package io.github.headlock.rollout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.ConnectionPeak;
import io.github.headlock.test.Replica;
import io.github.headlock.test.StartLine;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Four times as many replicas as the server has connections, all waiting for one
 * migration, with the default pause between two tries. Their number is that of
 * {@code -Dtestbed.load.replicas}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@ExtendWith(OutputCaptureExtension.class)
class LoadTests {

	private static final Logger logger = LoggerFactory.getLogger(LoadTests.class);

	private static final int DEFAULT_REPLICAS = 200;

	private static final int REPLICAS = Integer.getInteger("testbed.load.replicas", DEFAULT_REPLICAS);

	private static final int MAX_CONNECTIONS = REPLICAS / 4;

	private static final int POOL_SIZE = MAX_CONNECTIONS / 3;

	/** Connections of this test: the gate, and one that looks at the result. */
	private static final int OWN = 2;

	private static final Pattern WAITING = Pattern.compile("\\[(\\S+)] LockPolling : Waiting for the migration lock");

	private static final PostgresServer SERVER = PostgresServer
		.start(Map.of("max_connections", String.valueOf(MAX_CONNECTIONS), "autovacuum", "off"));

	@AfterAll
	static void stop() {
		SERVER.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyReplicaGetsReadyOnAServerWithFewerConnections(boolean pooled, CapturedOutput output) throws Exception {
		String name = pooled ? "pooled" : "direct";
		SERVER.createDatabase(name);
		try (Connection superuser = SERVER.connect(name);
				Statement statement = superuser.createStatement();
				PgBouncer pooler = PgBouncer.start(SERVER, POOL_SIZE)) {
			statement.execute("CREATE ROLE owner_%1$s LOGIN; ALTER DATABASE %1$s OWNER TO owner_%1$s".formatted(name));
			pooler.allow("owner_" + name);
			run(name, pooled ? pooler.url(name) : SERVER.url(name), pooled ? POOL_SIZE + OWN : MAX_CONNECTIONS, output);
			assertThat(list(statement, "SELECT name FROM effect ORDER BY id")).containsExactly("V1", "V2");
			assertThat(list(statement, "SELECT version FROM flyway_schema_history ORDER BY installed_rank"))
				.containsExactly("1", "2");
			assertThat(list(statement, "SELECT pid FROM pg_locks WHERE locktype = 'advisory'")).isEmpty();
		}
	}

	@Test
	void thePageNamesTheseNumbers() throws IOException {
		String page = Files.readString(Path.of("..", "docs", "connections.md")).replace('\n', ' ');
		int connections = DEFAULT_REPLICAS / 4;
		assertThat(page).contains(
				"`LoadTests` starts %d replicas on a server with `max_connections=%d`".formatted(DEFAULT_REPLICAS,
						connections),
				"or %d through PgBouncer with a pool of %d".formatted(connections / 3 + OWN, connections / 3));
	}

	private static List<String> list(Statement statement, String sql) throws SQLException {
		List<String> values = new ArrayList<>();
		try (ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				values.add(row.getString(1));
			}
		}
		return values;
	}

	private static void run(String name, String url, int mostConnections, CapturedOutput output) throws Exception {
		StartLine.draw(REPLICAS);
		ExecutorService executor = Executors.newFixedThreadPool(REPLICAS);
		try (Connection gate = SERVER.connect(name); ConnectionPeak peak = ConnectionPeak.watch(SERVER, name)) {
			gate.setAutoCommit(false);
			gate.createStatement().execute("SELECT pg_advisory_xact_lock(1, 1)");
			List<Future<ConfigurableApplicationContext>> starts = IntStream.range(0, REPLICAS)
				.mapToObj((i) -> executor.submit(() -> replica(name, url).start()))
				.toList();
			await().atMost(Duration.ofMinutes(4)).until(() -> waiting(output) == REPLICAS - 1);
			assertThat(starts).noneMatch(Future::isDone);
			Instant opened = Instant.now();
			gate.rollback();
			List<MigrationReport> reports = new ArrayList<>();
			List<ConfigurableApplicationContext> contexts = new ArrayList<>();
			for (Future<ConfigurableApplicationContext> start : starts) {
				contexts.add(start.get());
				reports.add(Replica.report(start.get()));
			}
			logger.info("{}: {} replicas on {} connections: ready {} after the migration could go on, peak {}", name,
					REPLICAS, MAX_CONNECTIONS, Duration.between(opened, Instant.now()), peak);
			assertThat(reports).filteredOn(MigrationReport::outcome, MigrationOutcome.MIGRATED).hasSize(1);
			assertThat(reports).filteredOn(MigrationReport::outcome, MigrationOutcome.WAITED).hasSize(REPLICAS - 1);
			assertThat(peak.peak()).isLessThanOrEqualTo(mostConnections);
			contexts.forEach(ConfigurableApplicationContext::close);
		}
		finally {
			executor.shutdownNow();
		}
	}

	/** Number of replicas that have tried in vain at least once. */
	private static long waiting(CapturedOutput output) {
		return WAITING.matcher(output.getOut()).results().map((match) -> match.group(1)).distinct().count();
	}

	private static Replica replica(String name, String url) {
		return Replica.of(url, "gated")
			.with("spring.datasource.username", "owner_" + name)
			.with("headlock.lock.poll-interval", "500ms")
			.with(StartLine.class);
	}

}
