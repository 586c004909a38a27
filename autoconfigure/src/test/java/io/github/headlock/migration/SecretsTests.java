package io.github.headlock.migration;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

import io.github.headlock.StartReport;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.health.SchemaHealthIndicator;
import io.github.headlock.observation.HeadlockEndpoint;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestMigrations;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * What must not be read anywhere, at the most talkative log level: passwords, and what
 * other sessions execute.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretsTests {

	private static final String SECRET = "s3cr3t";

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	SecretsTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	/** Where a password can stand, and a start that fails because of the connection. */
	static Stream<Arguments> connections() {
		return Stream.of(Arguments.of("nobody answers", "jdbc:postgresql://127.0.0.1:1/x?password=" + SECRET),
				Arguments.of("a port that is none", "jdbc:postgresql://127.0.0.1:port/x?password=" + SECRET),
				Arguments.of("before the host", "jdbc:postgresql://me:" + SECRET + "@127.0.0.1:1/x"),
				Arguments.of("before two hosts", "jdbc:postgresql://me:" + SECRET + "@127.0.0.1:1,127.0.0.1:2/x"),
				Arguments.of("SSL", "jdbc:postgresql://127.0.0.1:1/x?sslpassword=" + SECRET));
	}

	@ParameterizedTest
	@MethodSource("connections")
	void aConnectionThatFailsTellsNoPassword(String where, String url, CapturedOutput output) {
		assertNothingIsToldBy(replica(url).with("spring.flyway.connect-retries", 1), output);
	}

	@Test
	void aConnectionThatIsRefusedTellsNoPassword(CapturedOutput output) {
		assertNothingIsToldBy(
				replica(this.database.url() + "?password=" + SECRET).with("spring.datasource.username", "nobody"),
				output);
		assertThat(output).contains("role \"nobody\" does not exist");
	}

	@Test
	void aMigrationThatFailsTellsNeitherPasswordsNorWhatSessionsExecute(CapturedOutput output) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.migrations.file("V2__b.sql", "SELECT 1/0");
		String url = this.database.url() + "?password=" + SECRET;
		try (Connection session = DriverManager.getConnection(this.database.url(), roles.application(), "")) {
			session.createStatement().execute("SELECT '" + SECRET + "'");
			assertNothingIsToldBy(secretive(roles.blockingReplica(url, "none")), output);
			assertThat(session.isValid(5)).isFalse();
		}
		assertThat(output).contains("terminated: 1", "division by zero");
	}

	@Test
	void sessionsThatDoNotEndAreToldWithoutWhatTheyExecute(CapturedOutput output) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection session = roles.connect(); Statement statement = session.createStatement()) {
			var executor = Executors.newSingleThreadExecutor();
			executor.submit(() -> statement.execute("SELECT pg_sleep(60) /* %s */".formatted(SECRET)));
			await()
				.until(() -> !this.database.list("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
					.isEmpty());
			assertNothingIsToldBy(secretive(roles.blockingReplica(this.database.url(), "none"))
				.with("headlock.terminate-db-sessions", false)
				.with("headlock.sessions.drain-timeout", "500ms"), output);
			statement.cancel();
			executor.shutdown();
		}
		assertThat(output).contains("role \"" + roles.application() + "\"", "active");
	}

	@Test
	void aStartAndItsHealthAndItsEndpointTellNone(CapturedOutput output) throws Exception {
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		Replica replica = replica(this.database.url() + "?password=" + SECRET);
		try (Connection gate = this.database.gate()) {
			gate.createStatement().execute("SELECT '%s'".formatted(SECRET));
			Background<StartReport> migrating = Background.start(replica::startAndStop);
			this.database.awaitMigrationAtTheGate();
			Background<ConfigurableApplicationContext> waiting = Background.start(replica::start);
			await().until(() -> output.getOut().contains("Waiting for the migration lock of "));
			gate.rollback();
			assertThat(migrating.result().migrations()).isEqualTo(2);
			try (ConfigurableApplicationContext context = waiting.result()) {
				SchemaHealthIndicator health = context.getBean(SchemaHealthIndicator.class);
				HeadlockEndpoint endpoint = context.getBean(HeadlockEndpoint.class);
				assertThat(health.health() + " " + endpoint.describe()).doesNotContain(SECRET);
				this.database.execute("REVOKE ALL ON flyway_schema_history FROM PUBLIC",
						"ALTER TABLE flyway_schema_history DROP COLUMN success");
				assertThat(health.health() + " " + endpoint.describe()).doesNotContain(SECRET).contains("DOWN");
			}
		}
		assertThat(output).contains("Database ready: ").doesNotContain(SECRET);
	}

	private static void assertNothingIsToldBy(Replica replica, CapturedOutput output) {
		Throwable failure = catchThrowable(() -> replica.start().close());
		assertThat(failure).isNotNull();
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace));
		assertThat(output).containsAnyOf("APPLICATION FAILED TO START", "Application run failed")
			.doesNotContain(SECRET);
		assertThat(trace.toString()).doesNotContain(SECRET);
	}

	private Replica replica(String url) {
		return secretive(Replica.of(url, "none"));
	}

	private Replica secretive(Replica replica) {
		return replica.with("spring.flyway.locations", this.migrations.location())
			.with("spring.datasource.password", SECRET)
			.with("logging.level.io.github.headlock", "trace")
			.with("management.endpoints.web.exposure.include", "headlock")
			.with(Endpoints.class);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class Endpoints {

	}

}
