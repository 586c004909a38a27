package io.github.headlock.security;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

import io.github.headlock.HeadlockException;
import io.github.headlock.MigrationReport;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.PrintableWords;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.MigrationRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Whole runs in a database in which everything that somebody may name has a name that
 * would write a line of the log. What has such a name, and nothing else, is looked for in
 * what Headlock logs, shows and throws.
 */
@Tag("every-postgresql")
class ForgedLinesTests {

	private static final String TABLE = "h\n" + PrintableWords.FORGED;

	private final TestDatabase database = TestDatabase.create();

	private final String name = this.database.name() + "\n" + PrintableWords.FORGED;

	private final TestRoles roles = TestRoles.create(this.database, this.name);

	private final TestMigrations migrations;

	private final HeadlockLog log = HeadlockLog.open();

	ForgedLinesTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int); SELECT pg_advisory_xact_lock(1, 1)");
	}

	@BeforeEach
	void name() {
		this.database.execute("CREATE SCHEMA " + MigrationRoles.quoted(this.name),
				"GRANT USAGE, CREATE ON SCHEMA %1$s TO %2$s, %3$s".formatted(MigrationRoles.quoted(this.name),
						this.roles.migrator(), MigrationRoles.quoted(this.roles.application())),
				"ALTER ROLE %s SET search_path = %s".formatted(this.roles.migrator(),
						MigrationRoles.quoted(this.name)));
	}

	@AfterEach
	void close() {
		this.log.close();
		this.database.list("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
			.forEach((gid) -> this.database.execute("ROLLBACK PREPARED '%s'".formatted(gid)));
	}

	private void assertPrintable(Stream<String> expected) {
		this.log.messages().forEach(PrintableWords::assertPrintable);
		assertThat(expected).allSatisfy((text) -> assertThat(this.log.messages())
			.anyMatch((message) -> message.startsWith(text) && message.contains(PrintableWords.FORGED)));
	}

	@Test
	void theNamesOfSchemaTableRolesSessionsAndIndexes() throws Exception {
		this.migrations.file("V2__b.sql", "CREATE UNIQUE INDEX CONCURRENTLY %s ON twice (id)"
			.formatted(MigrationRoles.quoted("i\n" + PrintableWords.FORGED)));
		Connection other = this.database.inTransaction("SELECT 1");
		try (ConfigurableApplicationContext watching = replica().with("headlock.skip-migrations", true)
			.with("management.endpoints.web.exposure.include", "headlock")
			.with(Endpoints.class)
			.start(); Connection gate = this.database.gate()) {
			Background<MigrationReport> migrating = Background.start(() -> blocking().startAndStop());
			this.database.awaitMigrationAtTheGate();
			Background<MigrationReport> waiting = Background.start(() -> replica().startAndStop());
			await()
				.until(() -> this.log.messages().stream().anyMatch((line) -> line.startsWith("Waiting for the mig")));
			HeadlockEndpoint endpoint = watching.getBean(HeadlockEndpoint.class);
			assertThat(await().until(endpoint::describe, (seen) -> seen.lock().holder() != null)).asString()
				.satisfies(PrintableWords::assertPrintable);
			assertThat(watching.getBean(SchemaHealthIndicator.class).health().getDetails()).asString()
				.satisfies(PrintableWords::assertPrintable);
			this.database.execute(
					"CREATE TABLE %s.twice AS SELECT 1 AS id FROM generate_series(1, 2)"
						.formatted(MigrationRoles.quoted(this.name)),
					"ALTER TABLE %s.twice OWNER TO %s".formatted(MigrationRoles.quoted(this.name),
							this.roles.migrator()));
			other.close();
			gate.rollback();
			assertThat(migrating.failure()).isNotNull();
			assertFailure(waiting.failure());
		}
		assertPrintable(Stream.of("Schema \"", "Migration lock of ", "What other roles could do to this migration: ",
				"Blocking the roles ", "The login of the roles ", "INVALID indexes",
				"Waiting for the migration lock of "));
	}

	@Test
	void whatIsInTheWayOfAMigration() throws Exception {
		replicaWithoutGate().startAndStop();
		this.migrations.file("V2__b.sql", "ALTER TABLE parcel ADD name text");
		this.database.execute("GRANT SELECT ON %s.parcel TO %s".formatted(MigrationRoles.quoted(this.name),
				MigrationRoles.quoted(this.roles.application())));
		String select = "SELECT FROM %s.parcel".formatted(MigrationRoles.quoted(this.name));
		try (Connection prepared = this.database.inTransaction(select);
				Connection idle = DriverManager.getConnection(this.database.url(), this.name, "");
				Statement statement = prepared.createStatement();
				Statement query = idle.createStatement();
				PreparedStatement called = idle.prepareStatement("SELECT set_config('application_name', ?, false)")) {
			statement.execute("PREPARE TRANSACTION '%s'".formatted(this.name));
			called.setString(1, PrintableWords.HOSTILE);
			called.execute();
			idle.setAutoCommit(false);
			query.execute(select);
			assertFailure(catchThrowable(() -> replica().with("headlock.ddl.lock-timeout", "500ms")
				.with("headlock.ddl.max-attempts", 2)
				.startAndStop()));
		}
		assertPrintable(Stream.of("Migration V2__b.sql was rolled back"));
		assertThat(this.log.messages())
			.anyMatch((line) -> line.contains("prepared transaction \"" + this.database.name()));
	}

	@Test
	void whatTheServerSaysOfInitialSql() throws Exception {
		String raise = "DO $$ BEGIN RAISE EXCEPTION E'a\\n%1$s' USING DETAIL = E'b\\n%1$s', HINT = E'c\\n%1$s'; END $$"
			.formatted(PrintableWords.FORGED);
		assertFailure(catchThrowable(() -> replica().with("spring.flyway.init-sqls[0]", raise).startAndStop()));
	}

	@Test
	void whatTheServerSaysWhileRolesAreBlocked() throws Exception {
		this.database.execute("CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN "
				+ "IF current_query() LIKE '%%blocked_roles%%' THEN RAISE EXCEPTION E'a\\n%1$s' USING HINT = E'b\\n%1$s'; END IF; END $$"
					.formatted(PrintableWords.FORGED),
				"CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse()");
		assertFailure(catchThrowable(() -> blocking().startAndStop()));
		assertPrintable(Stream.of("Blocking the roles "));
	}

	private void assertFailure(Throwable thrown) throws SQLException {
		List<HeadlockException> ours = Stream.iterate(thrown, (ex) -> ex != null, Throwable::getCause)
			.filter(HeadlockException.class::isInstance)
			.map(HeadlockException.class::cast)
			.toList();
		assertThat(ours).isNotEmpty().allSatisfy((failure) -> {
			PrintableWords.assertPrintable(failure.getMessage());
			assertThat(failure.getMessage()).contains(PrintableWords.FORGED);
		});
	}

	private Replica replicaWithoutGate() {
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int)");
		return replica();
	}

	private Replica replica() {
		return on(this.roles.replica(this.database.url(), "none"));
	}

	private Replica blocking() {
		return on(this.roles.blockingReplica(this.database.url(), "none"));
	}

	private Replica on(Replica replica) {
		return replica.with("spring.flyway.locations", this.migrations.location())
			.with("spring.flyway.table", TABLE)
			.with("spring.flyway.baseline-on-migrate", true)
			.with("spring.flyway.baseline-version", "0");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class Endpoints {

	}

}
