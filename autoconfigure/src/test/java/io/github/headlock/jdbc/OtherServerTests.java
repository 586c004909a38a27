package io.github.headlock.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Servers that speak PostgreSQL's protocol, told apart by what they call themselves.
 */
@ExtendWith(OutputCaptureExtension.class)
class OtherServerTests {

	private static final String YUGABYTE = "PostgreSQL 15.12-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu, compiled by "
			+ "clang version 17.0.6, 64-bit";

	private static final String NOT_ACTIVE = "Headlock is not active: the database is not PostgreSQL, so Flyway "
			+ "migrates on its own";

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(
			strings = { YUGABYTE, "PostgreSQL 11.2-YB-2.25.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang, 64-bit",
					"PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.110193",
					"PostgreSQL 12.12 (Greenplum Database 7.1.0 build commit:e7c2b1f1) on x86_64-pc-linux-gnu",
					"PostgreSQL 14.4 (Apache Cloudberry 2.0.0-incubating build 1) on aarch64-unknown-linux-gnu",
					"PostgreSQL 9.2.4 (openGauss 5.0.0 build a07d57c3) compiled at 2023-03-29 03:07:56",
					"PostgreSQL 9.2.4 (GaussDB Kernel V500R001C20 build 5be05d82) compiled at 2021-03-08",
					"PostgreSQL 9.5.0 on x86_64-unknown-linux-gnu (Materialize 0.68.1)",
					"PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB",
					"PostgreSQL 13.14.0-RisingWave-2.1.0 (6e1a6d2)" })
	void aServerThatIsNoPostgresqlIsLeftToFlyway(String version, CapturedOutput output) {
		disguise(version);
		// Flyway's own lock is not what this is about
		replica().with("spring.flyway.postgresql.transactional-lock", false).start().close();
		assertThat(output).containsOnlyOnce(NOT_ACTIVE).doesNotContain("Database ready");
		assertThat(this.database.history()).containsExactly("1", "2", "3");
	}

	@ParameterizedTest
	@ValueSource(strings = { "PostgreSQL 14.22 on x86_64-pc-linux-musl, compiled by gcc (Alpine) 14.2.0, 64-bit",
			"PostgreSQL 17.4 on aarch64-unknown-linux-gnu, compiled by aarch64-unknown-linux-gnu-gcc (GCC) 9.5.0, 64-bit",
			"PostgreSQL 16.4 (Ubuntu 16.4-1.pgdg22.04+1) on x86_64-pc-linux-gnu, compiled by gcc (Ubuntu) 11.4.0, 64-bit",
			"PostgreSQL 16.6 (EnterpriseDB Advanced Server 16.6.0) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
			"PostgreSQL 16.8 (PolarDB 16.8.5.0 build 8b4ac2f1) on x86_64-linux-gnu" })
	void aServerThatIsPostgresqlUnderAnotherNameIsServed(String version, CapturedOutput output) {
		disguise(version);
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(output).doesNotContain("Headlock is not active");
	}

	@Test
	void aServerThatLacksWhatHeadlockAsksForIsLeftToFlywayAsWell(CapturedOutput output) {
		disguise(YUGABYTE);
		this.database.execute("ALTER FUNCTION pg_catalog.pg_backend_pid() RENAME TO pid_of_postgresql");
		replica().start().close();
		assertThat(output).containsOnlyOnce(NOT_ACTIVE);
		assertThat(this.database.history()).containsExactly("1", "2", "3");
	}

	@Test
	void thePageOnVersionsSaysTheSame() throws IOException {
		assertThat(Files.readString(Path.of("..", "docs", "compatibility.md"))).contains(NOT_ACTIVE);
	}

	@Test
	void aProcessThatSkipsMigrationsIsRefusedThere() {
		disguise(YUGABYTE);
		assertThatException().isThrownBy(() -> replica().with("headlock.skip-migrations", true).start())
			.havingCause()
			.isInstanceOf(InvalidConfigurationPropertyValueException.class);
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic").with("spring.datasource.hikari.maximum-pool-size", 3);
	}

	/** What a server calls itself is the one thing by which Flyway knows it, too. */
	private void disguise(String version) {
		this.database.execute("ALTER FUNCTION pg_catalog.version() RENAME TO version_of_postgresql",
				"CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql AS $$ SELECT '%s'::text $$"
					.formatted(version));
	}

}
