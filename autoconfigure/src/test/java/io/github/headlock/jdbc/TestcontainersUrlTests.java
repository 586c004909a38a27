package io.github.headlock.jdbc;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Replica;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * URLs for which Testcontainers starts a PostgreSQL. Runs only with a Docker engine.
 */
@Tag("testcontainers")
class TestcontainersUrlTests {

	private static final AtomicInteger NUMBERS = new AtomicInteger();

	/** Testcontainers has one container for each URL. */
	private final String url = "jdbc:tc:postgresql:15:///test_" + NUMBERS.incrementAndGet();

	@ParameterizedTest
	@ValueSource(strings = { "basic", "concurrently" })
	void theSchemaIsMigrated(String migrations) {
		try (ConfigurableApplicationContext context = replica(migrations).start()) {
			assertThat(Replica.report(context).outcome()).isEqualTo(MigrationOutcome.MIGRATED);
			assertThat(versions(context)).startsWith("1", "2", "3");
		}
	}

	@Test
	void plainFlywayMigratesAsWell() {
		try (ConfigurableApplicationContext context = replica("basic").plain().start()) {
			assertThat(versions(context)).containsExactly("1", "2", "3");
		}
	}

	@Test
	void aSecondApplicationFindsTheSchemaAtHead() {
		try (ConfigurableApplicationContext context = replica("basic").start()) {
			MigrationReport second = replica("basic").startAndStop();
			assertThat(second.outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			assertThat(versions(context)).containsExactly("1", "2", "3");
		}
	}

	/** The container ends with its last connection, so the pool is not left aside. */
	@Test
	void migrationsTakeTheirConnectionsFromThePool() {
		try (ConfigurableApplicationContext context = replica("basic").start()) {
			DataSource pool = context.getBean(DataSource.class);
			assertThat(MigrationConnections.unpooled(pool)).isEmpty();
		}
	}

	private Replica replica(String migrations) {
		return Replica.of(this.url, migrations);
	}

	private static List<String> versions(ConfigurableApplicationContext context) {
		return JdbcClient.create(context.getBean(DataSource.class))
			.sql("SELECT version FROM flyway_schema_history WHERE version IS NOT NULL ORDER BY installed_rank")
			.query(String.class)
			.list();
	}

}
