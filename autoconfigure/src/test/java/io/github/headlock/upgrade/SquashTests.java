package io.github.headlock.upgrade;

import java.nio.file.Path;
import java.util.List;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Releases whose old migrations are squashed into a baseline migration: the first
 * contains V1 to V4, the second B3 and V4, the third B5 and V6.
 */
class SquashTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	SquashTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		for (int version = 1; version <= 4; version++) {
			this.migrations.file("V%d__v.sql".formatted(version), create(version));
		}
	}

	private static String create(int version) {
		return "CREATE TABLE t%d (id int);".formatted(version);
	}

	private void squashOnce() {
		for (int version = 1; version <= 3; version++) {
			this.migrations.delete("V%d__v.sql".formatted(version));
		}
		this.migrations.file("B3__squashed.sql", create(1) + create(2) + create(3));
	}

	private void squashTwice() {
		this.migrations.delete("B3__squashed.sql");
		this.migrations.delete("V4__v.sql");
		this.migrations.file("B5__squashed.sql", create(1) + create(2) + create(3) + create(4) + create(5));
		this.migrations.file("V6__v.sql", create(6));
	}

	@Test
	void aFreshDatabaseRunsTheSquashedScript() {
		squashOnce();
		assertThat(replica(3).startAndStop()).extracting(MigrationReport::outcome, MigrationReport::migrations)
			.containsExactly(MigrationOutcome.MIGRATED, 2);
		assertThat(replica(3).startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertTables(4);
	}

	@ParameterizedTest
	@CsvSource({ "3, MIGRATED", "4, FAST_PATH" })
	void aDatabaseAtOrAboveTheSquashGoesOn(String version, MigrationOutcome outcome) {
		flyway().target(version).load().migrate();
		squashOnce();
		assertThat(replica(3).startAndStop().outcome()).isEqualTo(outcome);
		assertThat(replica(3).with("headlock.fast-path", "off").startAndStop().migrations()).isZero();
		assertTables(4);
	}

	@ParameterizedTest
	@ValueSource(strings = { "1", "2" })
	void aDatabaseBelowTheSquashIsRefused(String version) {
		flyway().target(version).load().migrate();
		squashOnce();
		assertThatThrownBy(() -> replica(3).startAndStop()).hasRootCauseInstanceOf(UpgradeRefusedException.class);
		assertTables(Integer.parseInt(version));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aSecondSquashMayFollow(boolean bornSquashed) {
		if (bornSquashed) {
			squashOnce();
			this.migrations.file("V5__v.sql", create(5));
			replica(3).startAndStop();
		}
		else {
			this.migrations.file("V5__v.sql", create(5));
			flyway().load().migrate();
			squashOnce();
		}
		this.migrations.delete("V5__v.sql");
		squashTwice();
		assertThat(replica(5).startAndStop().migrations()).isOne();
		assertThat(replica(5).startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(replica(5).with("headlock.fast-path", "off").startAndStop().migrations()).isZero();
		assertTables(6);
	}

	@Test
	void aDatabaseBornSquashedAndThenTooOldIsRefused() {
		squashOnce();
		replica(3).startAndStop();
		squashTwice();
		assertThatThrownBy(() -> replica(5).startAndStop()).hasRootCauseInstanceOf(UpgradeRefusedException.class);
		assertTables(4);
	}

	@Test
	void theSquashAtTheVeryHeadIsAtHead() {
		this.migrations.delete("V4__v.sql");
		flyway().load().migrate();
		squashOnce();
		assertThat(replica(3).startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(replica(3).with("headlock.fast-path", "off").startAndStop().migrations()).isZero();
		assertTables(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { "B5__squashed.sql", "B4__squashed.sql" })
	void aBaselineMigrationAboveTheMinimumIsRefusedAtEveryStart(String baseline) {
		flyway().target("3").load().migrate();
		squashOnce();
		this.migrations.delete("V4__v.sql");
		this.migrations.rename("B3__squashed.sql", baseline);
		assertThatThrownBy(() -> replica(3).startAndStop())
			.hasStackTraceContaining("schemas between the two would never get them");
		assertTables(3);
		// with the versioned migration beside it, nothing is lost
		this.migrations.file("V%s__v.sql".formatted(baseline.substring(1, 2)), create(4));
		assertThat(replica(3).startAndStop().migrations()).isOne();
	}

	@ParameterizedTest
	@ValueSource(strings = { "2", "3" })
	void aRepairedHistoryDoesNotMakeADatabaseFresh(String version) {
		flyway().target(version).load().migrate();
		squashOnce();
		this.migrations.delete("V4__v.sql");
		this.migrations.file("V5__v.sql", create(5));
		flyway().load().repair();
		assertThatThrownBy(() -> replica(3).startAndStop()).hasRootCauseInstanceOf(UpgradeRefusedException.class)
			.hasStackTraceContaining("marked as deleted");
		assertTables(Integer.parseInt(version));
		this.database.execute("DELETE FROM flyway_schema_history WHERE type = 'DELETE'");
		if (version.equals("3")) {
			assertThat(replica(3).startAndStop().migrations()).isOne();
		}
		else {
			assertThatThrownBy(() -> replica(3).startAndStop()).hasRootCauseInstanceOf(UpgradeRefusedException.class);
		}
	}

	@Test
	void squashedMigrationsNeedNoIgnorePattern() {
		this.migrations.delete("V4__v.sql");
		flyway().load().migrate();
		squashOnce();
		this.migrations.file("R__view.sql", "SELECT 1");
		assertThat(replica(3).with("spring.flyway.ignore-migration-patterns", "").startAndStop().migrations()).isOne();
	}

	@Test
	void flywayAloneRefusesTheGoodDatabaseAndPassesTheBadOne() {
		flyway().target("3").load().migrate();
		squashOnce();
		// a database that has everything: refused, for want of deleted files
		assertThatExceptionOfType(FlywayException.class).isThrownBy(() -> flyway().load().migrate())
			.withMessageContaining("Detected applied migration not resolved locally: 1");
		// the usual remedy, on a database that lacks version 3: "success"
		TestDatabase old = TestDatabase.create();
		old.execute(create(1), create(2));
		Flyway.configure()
			.dataSource(old.url(), "postgres", "")
			.locations(this.migrations.location())
			.baselineVersion("2")
			.load()
			.baseline();
		assertThat(flyway().dataSource(old.url(), "postgres", "")
			.ignoreMigrationPatterns("*:missing")
			.load()
			.migrate().success).isTrue();
		assertThat(tables(old)).containsExactly("t1", "t2", "t4");
	}

	private void assertTables(int last) {
		assertThat(tables(this.database)).hasSize(last).contains("t" + last);
	}

	private static List<String> tables(TestDatabase database) {
		return database.list("SELECT relname FROM pg_class WHERE relname ~ '^t[0-9]$' ORDER BY relname");
	}

	private FluentConfiguration flyway() {
		return Flyway.configure().dataSource(this.database.url(), "postgres", "").locations(this.migrations.location());
	}

	/** Nothing but the minimum is configured. */
	private Replica replica(int minimum) {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.minimum-schema-version", minimum);
	}

}
