package io.github.headlock.startup;

import io.github.headlock.test.DocumentationPage;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.test.Background;
import io.github.headlock.test.FailingSockets;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Processes that wait for a migration which keeps their own role out.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class BlockedLoginTests {

	private static final String KEY = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());

	private static final String AT_FIRST = "refuses the login, trying again for at most ";

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	BlockedLoginTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.database.execute(
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), this.roles.application()),
				"REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()));
		job("nologin").startAndStop();
		this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.roles.application());
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
	}

	@ParameterizedTest
	@CsvSource({ "nologin, false", "nologin, true", "revoke-connect, false", "revoke-connect, true" })
	void aPodThatStartsDuringTheMigrationWaitsForIt(String blockWith, boolean pooled, CapturedOutput output)
			throws Exception {
		try (PgBouncer pooler = pooler(); Connection gate = this.database.gate()) {
			String url = pooled ? pooler.url(this.database.name()) : this.database.url();
			Background<MigrationReport> job = Background.start(() -> job(blockWith).startAndStop());
			this.database.awaitMigrationAtTheGate();
			Background<MigrationReport> pod = Background.start(() -> pod(url, OnSchemaBehind.WAIT).startAndStop());
			await().until(() -> pod.isDone() || output.getOut().contains(AT_FIRST));
			assertThat(output.getOut().lines())
				.anyMatch((line) -> line.contains(AT_FIRST + "600.0 s: ") && line.contains(words(blockWith)));
			gate.rollback();
			assertThat(job.result().migrations()).isOne();
			assertThat(pod.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		}
	}

	@Test
	void theLogHasTheLineOfThePage(CapturedOutput output) throws Exception {
		String line = DocumentationPage.read("sessions.md")
			.section("Effect on clients")
			.rest()
			.stream()
			.filter((block) -> block.contains(AT_FIRST))
			.findFirst()
			.orElseThrow();
		block();
		Replica pod = pod(this.database.url(), OnSchemaBehind.WAIT).with("headlock.schema-wait-timeout", "1s");
		assertThat(Background.start(pod::start).failure()).isNotNull();
		assertThat(output).contains(line.replace("jdbc:postgresql://db/shop", this.database.url())
			.replace("600.0 s", "1.0 s")
			.replace("role \"shop\"", "role \"" + this.roles.application() + '"'));
	}

	@ParameterizedTest
	@CsvSource({ "nologin, false", "nologin, true", "revoke-connect, false", "revoke-connect, true" })
	void aPodThatWaitsAlreadyIsNotShutOut(String blockWith, boolean pooled, CapturedOutput output) throws Exception {
		try (PgBouncer pooler = pooler(); Connection gate = this.database.gate()) {
			String url = pooled ? pooler.url(this.database.name()) : this.database.url();
			Background<MigrationReport> pod = Background.start(() -> pod(url, OnSchemaBehind.WAIT).startAndStop());
			await().until(() -> output.getOut().contains("Waiting for another process to migrate"));
			Background<MigrationReport> job = Background.start(() -> job(blockWith).startAndStop());
			this.database.awaitMigrationAtTheGate();
			await().until(() -> pod.isDone() || isRefused(pooled, words(blockWith), output));
			assertThat(pod.isDone()).isFalse();
			gate.rollback();
			assertThat(job.result().migrations()).isOne();
			assertThat(pod.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whoWaitsForTheLockIsNotShutOutByAClosedDatabase(boolean pooled, CapturedOutput output) throws Exception {
		this.migrations.delete("V2__b.sql");
		this.migrations.file("V2__c.sql", "CREATE TABLE c (id int)");
		try (PgBouncer pooler = pooler(); Connection holder = this.database.hold(KEY)) {
			String url = pooled ? pooler.url(this.database.name()) : this.database.url();
			Background<MigrationReport> waiter = Background.start(() -> migrating(url).startAndStop());
			await().until(() -> output.getOut().contains("it is held by pid"));
			allowConnections(false);
			if (pooled) {
				terminate();
			}
			await().until(() -> waiter.isDone() || isRefused(pooled, "is not currently accepting connections", output));
			assertThat(waiter.isDone()).isFalse();
			allowConnections(true);
			holder.rollback();
			assertThat(waiter.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aPodThatStartsWhileTheDatabaseIsClosedWaits(boolean pooled, CapturedOutput output) throws Exception {
		this.migrations.delete("V2__b.sql");
		allowConnections(false);
		try (PgBouncer pooler = pooler()) {
			String url = pooled ? pooler.url(this.database.name()) : this.database.url();
			Background<MigrationReport> pod = Background.start(() -> pod(url, OnSchemaBehind.WAIT).startAndStop());
			await().until(() -> pod.isDone() || output.getOut().contains(AT_FIRST));
			allowConnections(true);
			assertThat(pod.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		}
		finally {
			allowConnections(true);
		}
		assertThat(output).contains("is not currently accepting connections");
	}

	/**
	 * PgBouncer 1.18 tells the server's words only to the client for which it logs in.
	 */
	private static boolean isRefused(boolean pooled, String words, CapturedOutput output) {
		return output.getOut()
			.lines()
			.anyMatch((line) -> (line.contains("refuses the login") && line.contains(words))
					|| (pooled && line.contains("The database does not answer while waiting for ")));
	}

	/** A pooler keeps its connections to the server. */
	private void terminate() {
		TestDatabase.create()
			.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '%s' "
				.formatted(this.database.name()) + "AND application_name <> 'holder'");
	}

	private void allowConnections(boolean allowed) {
		TestDatabase.create()
			.execute("ALTER DATABASE %s ALLOW_CONNECTIONS %s".formatted(this.database.name(), allowed));
	}

	@ParameterizedTest
	@EnumSource(value = OnSchemaBehind.class, names = { "REPORT", "FAIL" })
	void whoDoesNotWaitBySettingEndsAtOnce(OnSchemaBehind mode, CapturedOutput output) throws Exception {
		block();
		assertRefused(pod(this.database.url(), mode), output);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whoIsToMigrateEndsAtOnce(boolean pooled, CapturedOutput output) throws Exception {
		block();
		try (PgBouncer pooler = pooler()) {
			String url = pooled ? pooler.url(this.database.name()) : this.database.url();
			assertThat(Background.start(() -> blocked(url).plain().start()).failure()).isNotNull();
			assertRefused(blocked(url), output);
		}
	}

	private void assertRefused(Replica replica, CapturedOutput output) throws Exception {
		assertThat(Background.start(() -> replica.with("headlock.enabled", true).start()).failure()).cause()
			.isInstanceOfSatisfying(DatabaseUnavailableException.class, (ex) -> {
				assertThat(ex).hasMessageStartingWith("The database refuses the login (")
					.hasMessageContaining(words("nologin"));
				assertThat(ex.getAction()).contains("headlock.sessions.roles", "headlock.on-schema-behind=wait");
			});
		assertThat(output).doesNotContain("trying again");
	}

	@Test
	void theWaitIsBoundedAndAsksSeldom(CapturedOutput output) throws Exception {
		block();
		String name = this.database.name();
		Replica pod = pod(FailingSockets.url(this.database.url(), name) + "&sslmode=disable", OnSchemaBehind.WAIT)
			.with("headlock.schema-wait-timeout", "8s");
		assertThat(Background.start(() -> pod.start()).failure()).cause()
			.isInstanceOf(DatabaseUnavailableException.class)
			.hasMessageStartingWith("The database has refused the login for 8.0 s (")
			.hasMessageContaining(words("nologin"));
		assertThat(FailingSockets.tries(name)).isEqualTo(3);
		assertThat(output).contains(AT_FIRST + "8.0 s: ");
	}

	/** Neither a wrong password nor a rule of {@code pg_hba.conf} is a block. */
	@ParameterizedTest
	@CsvSource({ "host all all all scram-sha-256, password authentication failed",
			"host all all all reject, pg_hba.conf" })
	void otherRefusalsAreNotWaitedFor(String rule, String words, CapturedOutput output) throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of(), "host all postgres all trust\n" + rule + "\n")) {
			TestDatabase other = TestDatabase.on(server);
			other.execute("CREATE ROLE shop LOGIN PASSWORD 'right'");
			assertThat(Background.start(() -> shop(other.url()).start()).failure()).cause()
				.isInstanceOf(DatabaseUnavailableException.class)
				.hasMessageContaining(words);
			try (PgBouncer pooler = PgBouncer.start(server, 2)) {
				pooler.allow("shop");
				assertThat(Background.start(() -> shop(pooler.url(other.name())).start()).failure()).cause()
					.isInstanceOf(DatabaseUnavailableException.class);
			}
		}
		assertThat(output).doesNotContain("trying again");
	}

	private Replica shop(String url) {
		return migrating(url).with("spring.datasource.username", "shop")
			.with("spring.datasource.password", "wrong")
			.with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", OnSchemaBehind.WAIT);
	}

	private PgBouncer pooler() throws SQLException {
		PgBouncer pooler = this.database.pooler(4, "server_login_retry = 1");
		pooler.allow(this.roles.application(), this.roles.migrator());
		return pooler;
	}

	private void block() {
		this.database.execute("ALTER ROLE %s NOLOGIN".formatted(this.roles.application()));
	}

	private String words(String blockWith) {
		return blockWith.equals("nologin")
				? "role \"%s\" is not permitted to log in".formatted(this.roles.application())
				: "permission denied for database \"%s\"".formatted(this.database.name());
	}

	private Replica job(String blockWith) {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.sessions.block-with", blockWith);
	}

	private Replica pod(String url, OnSchemaBehind mode) {
		return blocked(url).with("headlock.skip-migrations", true).with("headlock.on-schema-behind", mode);
	}

	private Replica blocked(String url) {
		return migrating(url).with("spring.datasource.username", this.roles.application());
	}

	private Replica migrating(String url) {
		return Replica.of(url, "none").with("spring.flyway.locations", this.migrations.location());
	}

}
