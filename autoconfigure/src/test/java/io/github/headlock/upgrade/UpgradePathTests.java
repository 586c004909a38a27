package io.github.headlock.upgrade;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.upgrade.UpgradeRefusedException.Rule;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Which upgrades are made, by a release that contains versions 1 to 10.
 */
@ExtendWith(OutputCaptureExtension.class)
class UpgradePathTests {

	private static final Map<String, String> OFF = Map.of();

	private static final Map<String, String> MINIMUM = Map.of("headlock.minimum-schema-version", "3");

	private static final Map<String, String> STOPS = Map.of("headlock.required-stops[0].schema-version", "6",
			"headlock.required-stops[0].release", "2.0", "headlock.required-stops[0].reason",
			"it copies the addresses");

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	UpgradePathTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		for (int version = 1; version <= 10; version++) {
			this.migrations.file("V%d__v.sql".formatted(version), "CREATE TABLE t%d (id int)".formatted(version));
		}
	}

	/** Where the database stands, 0 for a fresh one, and who objects. */
	record Cell(int current, boolean baselined, String guards, List<Rule> objections) {
	}

	static Stream<Cell> cells() {
		List<Cell> cells = new ArrayList<>();
		for (boolean baselined : new boolean[] { false, true }) {
			for (int current : baselined ? new int[] { 2, 3, 4, 6, 7 } : new int[] { 0, 2, 3, 4, 6, 7, 10, 11 }) {
				List<Rule> minimum = (current == 2) ? List.of(Rule.MINIMUM) : List.of();
				List<Rule> stops = (current > 0 && current < 6) ? List.of(Rule.REQUIRED_STOP) : List.of();
				List<Rule> both = Stream.concat(stops.stream(), minimum.stream()).toList();
				cells.add(new Cell(current, baselined, "off", List.of()));
				cells.add(new Cell(current, baselined, "minimum", minimum));
				cells.add(new Cell(current, baselined, "stops", stops));
				cells.add(new Cell(current, baselined, "both", both));
			}
		}
		return cells.stream();
	}

	@ParameterizedTest
	@MethodSource("cells")
	void everyCellOfTheTable(Cell cell) {
		bringTo(cell);
		Replica replica = replica();
		if (!cell.guards().equals("off") && !cell.guards().equals("stops")) {
			MINIMUM.forEach(replica::with);
		}
		if (cell.guards().equals("stops") || cell.guards().equals("both")) {
			STOPS.forEach(replica::with);
		}
		if (!cell.objections().isEmpty()) {
			String before = nextTransaction();
			assertRefused(replica, cell.objections());
			assertThat(nextTransaction()).as("nothing was written").isEqualTo(before);
		}
		else {
			String before = nextTransaction();
			MigrationReport report = replica.startAndStop();
			assertThat(report.migrations()).isEqualTo(Math.max(0, 10 - cell.current()));
			if (cell.current() >= 10) {
				assertThat(report.outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
				assertThat(nextTransaction()).as("nothing was written").isEqualTo(before);
			}
		}
		assertThat(this.database.advisoryLocks()).isZero();
	}

	private void bringTo(Cell cell) {
		if (cell.baselined()) {
			flyway(String.valueOf(cell.current())).baseline();
		}
		else if (cell.current() > 0) {
			this.migrations.file("V11__v.sql", "CREATE TABLE t11 (id int)");
			flyway(String.valueOf(cell.current())).migrate();
			this.migrations.delete("V11__v.sql");
		}
	}

	private Flyway flyway(String version) {
		return Flyway.configure()
			.dataSource(this.database.url(), "postgres", "")
			.locations(this.migrations.location())
			.target(version)
			.baselineVersion(version)
			.load();
	}

	/** Grows with every transaction that writes anything, on the whole server. */
	private String nextTransaction() {
		return this.database.value("SELECT pg_snapshot_xmax(pg_current_snapshot())");
	}

	@Test
	void everythingIsSaidAtOnce() {
		this.migrations.file("V5.1__gone.sql", "SELECT 1");
		flyway("6").migrate();
		this.migrations.delete("V5.1__gone.sql");
		this.migrations.file("V5.2__late.sql", "SELECT 1");
		Replica replica = replica().with("headlock.minimum-schema-version", "7")
			.with("headlock.required-stops[0].schema-version", "6.0")
			.with("headlock.required-stops[0].release", "2.0")
			.with("headlock.required-stops[1].schema-version", "8")
			.with("headlock.required-stops[1].release", "3.0")
			.with("headlock.required-stops[1].reason", "it copies the orders");
		assertThatThrownBy(replica::startAndStop).cause()
			.isInstanceOfSatisfying(UpgradeRefusedException.class, (ex) -> {
				assertThat(ex.getExitCode()).isEqualTo(11);
				assertThat(ex.getCurrentVersion()).isEqualTo("6");
				assertThat(ex.getHeadVersion()).isEqualTo("10");
				assertThat(ex.getViolations()).extracting(Violation::rule)
					.containsExactly(Rule.REQUIRED_STOP, Rule.MINIMUM, Rule.OUT_OF_ORDER);
				assertThat(ex).hasMessage(
						"""
								This release must not upgrade schema "public" from version 6 to version 10:
								  - Release 3.0, with schema version 8, must be installed first: it copies the orders
								  - It is too old: this release upgrades schemas from version 7 on
								  - The database lacks version 5.2 (late), although it is past release 2.0 with schema version 6.0: \
								if it is new, it needs a higher version""");
			});
	}

	@ParameterizedTest
	@CsvSource({ "false, *:missing", "true, *:missing", "false, *:future", "true, *:future" })
	void aRemovedMigrationIsRefusedOnEveryPath(boolean atHead, String ignored) {
		flyway(atHead ? "10" : "6").migrate();
		this.migrations.delete("V5__v.sql");
		Replica replica = replica().with("spring.flyway.ignore-migration-patterns", ignored)
			.with("headlock.minimum-schema-version", "4");
		assertRefused(replica, List.of(Rule.REMOVED));
		// at or below the minimum it is squashed, and needs no pattern
		replica().with("headlock.minimum-schema-version", "5").startAndStop();
		assertThat(this.database.history()).contains("10");
	}

	@ParameterizedTest
	@CsvSource({ "false", "true" })
	void aMisdatedMigrationIsRefusedOnEveryPath(boolean ignoredByFlyway) {
		flyway("10").migrate();
		this.migrations.file("V5.5__late.sql", "CREATE TABLE late (id int)");
		Replica replica = ignoredByFlyway ? replica().with("spring.flyway.ignore-migration-patterns", "*:ignored")
				: replica().with("spring.flyway.out-of-order", true);
		STOPS.forEach(replica::with);
		assertRefused(replica, List.of(Rule.OUT_OF_ORDER));
		this.migrations.rename("V5.5__late.sql", "V6.5__late.sql");
		replica.startAndStop();
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'late'"))
			.hasSize(ignoredByFlyway ? 0 : 1);
	}

	@Test
	void aUsedSchemaWithoutAHistoryIsAsOldAsItsBaseline() {
		this.database.execute("CREATE TABLE legacy (id int)");
		Replica replica = replica().with("spring.flyway.baseline-on-migrate", true)
			.with("spring.flyway.baseline-version", "2")
			.with("headlock.minimum-schema-version", "3");
		assertRefused(replica, List.of(Rule.MINIMUM));
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
		replica.with("spring.flyway.baseline-version", "3").startAndStop();
		assertThat(this.database.history()).contains("4", "10");
		Replica fresh = Replica.of(TestDatabase.create().url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.flyway.baseline-on-migrate", true)
			.with("headlock.minimum-schema-version", "3");
		assertThat(fresh.startAndStop().migrations()).isEqualTo(10);
	}

	@Test
	void oneStopCanBeSkippedByItsName(CapturedOutput output) {
		flyway("2").migrate();
		Replica replica = replica();
		STOPS.forEach(replica::with);
		replica.with("headlock.required-stops[1].schema-version", "8")
			.with("headlock.required-stops[1].release", "3.0");
		assertRefused(replica, List.of(Rule.REQUIRED_STOP, Rule.REQUIRED_STOP));
		replica.with("headlock.skip-required-stop", "6");
		assertRefused(replica, List.of(Rule.REQUIRED_STOP));
		assertThat(output).doesNotContain("SKIPPING");
		assertThat(replica.with("headlock.required-stops[1].schema-version", "10").startAndStop().migrations())
			.isEqualTo(8);
		assertThat(output).contains("SKIPPING release 2.0, a required stop with schema version 6, on the way from "
				+ "version 2 to version 10: headlock.skip-required-stop is set");
	}

	@ParameterizedTest
	@CsvSource({ "01.0, 1", "1.9, 1.10", "1.10, 1.9", "20231231235959, 20240131120000",
			"20240131120000, 20231231235959", "1_2, 1.1.9", "1.1.9, 1_2" })
	void versionsCompareAsFlywayComparesThem(String minimum, String older) {
		TestDatabase other = TestDatabase.create();
		String location = this.migrations.location();
		for (int version = 1; version <= 10; version++) {
			this.migrations.delete("V%d__v.sql".formatted(version));
		}
		this.migrations.file("V%s__old.sql".formatted(older), "SELECT 1");
		Replica.of(other.url(), "none").with("spring.flyway.locations", location).startAndStop();
		this.migrations.file("V99999999999999999999__new.sql", "SELECT 1");
		Replica replica = Replica.of(other.url(), "none")
			.with("spring.flyway.locations", location)
			.with("headlock.minimum-schema-version", minimum);
		if (MigrationVersion.fromVersion(older).compareTo(MigrationVersion.fromVersion(minimum)) >= 0) {
			assertThat(replica.startAndStop().migrations()).isOne();
		}
		else {
			assertRefused(replica, List.of(Rule.MINIMUM));
		}
	}

	@ParameterizedTest
	@CsvSource({ "headlock.minimum-schema-version, 11, above the highest version",
			"headlock.minimum-schema-version, '', It must be a version of a migration",
			"headlock.minimum-schema-version, latest, It must be a version of a migration",
			"headlock.required-stops[0].schema-version, 10.1, above the highest version",
			"headlock.required-stops[0].schema-version, 1.x, It must be a version of a migration",
			"headlock.required-stops[1].schema-version, 6.0, must be in ascending order",
			"headlock.required-stops[1].schema-version, 5, must be in ascending order",
			"headlock.required-stops[1].release, 3.0, It is missing",
			"headlock.required-stops[0].release, '', operators are told to install it",
			"headlock.skip-required-stop, 7, It is the schema version of none of headlock.required-stops" })
	void aPathThatCannotBeMeantEndsEveryStart(String property, String value, String reason) {
		flyway("10").migrate();
		Replica replica = replica();
		STOPS.forEach(replica::with);
		if (property.contains("[1].schema-version")) {
			replica.with("headlock.required-stops[1].release", "3.0");
		}
		replica.with(property, value);
		assertThatThrownBy(replica::startAndStop).hasStackTraceContaining(reason);
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private static void assertRefused(Replica replica, List<Rule> rules) {
		assertThatThrownBy(replica::startAndStop).cause()
			.isInstanceOfSatisfying(UpgradeRefusedException.class,
					(ex) -> assertThat(ex.getViolations()).extracting(Violation::rule)
						.containsExactlyElementsOf(rules));
	}

}
