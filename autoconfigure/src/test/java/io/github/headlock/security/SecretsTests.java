package io.github.headlock.security;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import io.github.headlock.MigrationReport;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.flyway.MigrationBlockedException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * What must not be read anywhere, at Headlock's most talkative log level: passwords, and
 * what is executed, by other sessions or in migrations.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretsTests {

	private static final String SECRET = "s3cr3t";

	private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.headlock");

	private final Level level = this.logger.getLevel();

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	SecretsTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void sayEverything() {
		this.logger.setLevel(Level.TRACE);
	}

	@AfterEach
	void sayWhatOthersSay() {
		this.logger.setLevel(this.level);
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
			assertThat(session.isValid(0)).isFalse();
		}
		assertThat(output).contains("terminated: 1", "division by zero");
	}

	@Test
	void sessionsThatDoNotEndAreToldWithoutWhatTheyExecute(CapturedOutput output) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection session = roles.connect(); Statement statement = session.createStatement()) {
			var executor = Executors.newSingleThreadExecutor();
			Future<?> query = executor
				.submit(() -> statement.execute("SELECT pg_sleep(600) /* %s */".formatted(SECRET)));
			await()
				.until(() -> !this.database.list("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
					.isEmpty());
			assertNothingIsToldBy(secretive(roles.blockingReplica(this.database.url(), "none"))
				.with("headlock.terminate-db-sessions", false)
				.with("headlock.sessions.drain-timeout", "500ms"), output);
			statement.cancel();
			assertThat(query).failsWithin(Duration.ofSeconds(30));
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
			Background<MigrationReport> migrating = Background.start(replica::startAndStop);
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
				assertThat(Meters.describe(context.getBean(MeterRegistry.class))).contains("headlock.lock.wait")
					.doesNotContain(SECRET);
			}
		}
		assertThat(output).contains("Database ready: ").doesNotContain(SECRET);
	}

	@Test
	void aMigrationThatIsBlockedTellsNeitherItsScriptNorWhatIsInItsWay(CapturedOutput output) throws Exception {
		replica(this.database.url()).startAndStop();
		try (Connection idle = beInTheWay();
				ConfigurableApplicationContext watching = replica(this.database.url())
					.with("headlock.skip-migrations", true)
					.start()) {
			Background<ConfigurableApplicationContext> migrating = Background.start(blockedReplica()::start);
			await().until(() -> output.toString().contains("(attempt 1 of 2); blocked by: [pid "));
			assertThat(watching.getBean(SchemaHealthIndicator.class).health() + " "
					+ watching.getBean(HeadlockEndpoint.class).describe() + " "
					+ Meters.describe(watching.getBean(MeterRegistry.class)))
				.contains("BEHIND", "headlock.schema.pending")
				.doesNotContain(SECRET);
			assertThat(migrating.failure()).cause()
				.isInstanceOf(MigrationBlockedException.class)
				.message()
				.contains("blocked by: [pid ")
				.doesNotContain(SECRET);
		}
		assertThat(Meters.describe(Meters.ofLastStart())).contains("failed").doesNotContain(SECRET);
		assertThat(output).contains("APPLICATION FAILED TO START", "pg_terminate_backend").doesNotContain(SECRET);
	}

	@Test
	void headlocksOwnLoggersTellNoneWhateverOthersLog() throws Exception {
		replica(this.database.url()).startAndStop();
		Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
		Level level = root.getLevel();
		Map<Boolean, List<String>> events = Map.of(true, new CopyOnWriteArrayList<>(), false,
				new CopyOnWriteArrayList<>());
		Appender<ILoggingEvent> recorder = new AppenderBase<>() {

			@Override
			protected void append(ILoggingEvent event) {
				boolean own = event.getLoggerName().startsWith("io.github.headlock.");
				events.get(own)
					.add(event.getFormattedMessage() + ThrowableProxyUtil.asString(event.getThrowableProxy()));
			}

		};
		recorder.start();
		root.addAppender(recorder);
		root.setLevel(Level.TRACE);
		try (Connection idle = beInTheWay()) {
			assertThat(catchThrowable(() -> blockedReplica().start().close()))
				.hasCauseInstanceOf(MigrationBlockedException.class);
		}
		finally {
			root.setLevel(level);
			root.detachAppender(recorder);
		}
		assertThat(events.get(true)).anyMatch((event) -> event.contains("(attempt 1 of 2); blocked by: [pid "))
			.noneMatch((event) -> event.contains(SECRET));
		assertThat(events.get(false)).anyMatch((event) -> event.contains(SECRET));
	}

	/**
	 * A migration is to come that has a secret in it, and a session is in its way that
	 * has one in what it executes, which the database would tell.
	 */
	private Connection beInTheWay() throws SQLException {
		this.migrations.file("V2__b.sql", "ALTER TABLE a ADD b text DEFAULT '%s'".formatted(SECRET));
		Connection idle = this.database.inTransaction("SELECT '%s' FROM a".formatted(SECRET));
		assertThat(this.database.list("SELECT query FROM pg_stat_activity WHERE state = 'idle in transaction'"))
			.contains("SELECT '%s' FROM a".formatted(SECRET));
		return idle;
	}

	private Replica blockedReplica() {
		return replica(this.database.url() + "?password=" + SECRET).with("headlock.ddl.lock-timeout", "3s")
			.with("headlock.ddl.max-attempts", 2);
	}

	private static void assertNothingIsToldBy(Replica replica, CapturedOutput output) {
		Throwable failure = catchThrowable(() -> replica.start().close());
		assertThat(failure).isNotNull();
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace));
		assertThat(output).containsAnyOf("APPLICATION FAILED TO START", "Application run failed")
			.doesNotContain(SECRET);
		assertThat(trace.toString()).doesNotContain(SECRET);
		assertThat(Meters.describe(Meters.ofLastStart())).contains("headlock.migration").doesNotContain(SECRET);
	}

	private Replica replica(String url) {
		return secretive(Replica.of(url, "none"));
	}

	private Replica secretive(Replica replica) {
		return replica.with("spring.flyway.locations", this.migrations.location())
			.with("spring.datasource.password", SECRET)
			.with("management.endpoints.web.exposure.include", "headlock")
			.with(Endpoints.class)
			.with(Meters.class);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class Endpoints {

	}

}
