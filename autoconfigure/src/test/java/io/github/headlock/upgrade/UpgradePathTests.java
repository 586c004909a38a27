package io.github.headlock.upgrade;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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

	private static final Map<String, String> MINIMUM = Map.of("headlock.minimum-schema-version", "3");

	private static final Map<String, String> STOPS = Map.of("headlock.required-stops[0].schema-version", "6",
			"headlock.required-stops[0].release", "2.0", "headlock.required-stops[0].reason",
			"it copies the addresses");

	private static final Map<String, Map<String, String>> GUARDS = Map.of("off", Map.of(), "minimum", MINIMUM, "stops",
			STOPS, "both",
			Stream.of(MINIMUM, STOPS)
				.flatMap((guards) -> guards.entrySet().stream())
				.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	UpgradePathTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		for (int version = 1; version <= 10; version++) {
			this.migrations.file("V%d__v.sql".formatted(version), "CREATE TABLE t%d (id int)".formatted(version));
		}
	}

	/**
	 * By row and column: the number of migrations that are run, or the rules that object.
	 * The version is 0 in a fresh database, and a letter B marks one that was baselined
	 * there.
	 */
	private static final String TABLE = """
			version | off | minimum | stops         | both
			0       | 10  | 10      | 10            | 10
			2       | 8   | MINIMUM | REQUIRED_STOP | REQUIRED_STOP MINIMUM
			3       | 7   | 7       | REQUIRED_STOP | REQUIRED_STOP
			4       | 6   | 6       | REQUIRED_STOP | REQUIRED_STOP
			6       | 4   | 4       | 4             | 4
			7       | 3   | 3       | 3             | 3
			10      | 0   | 0       | 0             | 0
			11      | 0   | 0       | 0             | 0
			B2      | 8   | MINIMUM | REQUIRED_STOP | REQUIRED_STOP MINIMUM
			B3      | 7   | 7       | REQUIRED_STOP | REQUIRED_STOP
			B4      | 6   | 6       | REQUIRED_STOP | REQUIRED_STOP
			B6      | 4   | 4       | 4             | 4
			B7      | 3   | 3       | 3             | 3
			""";

	static Stream<Arguments> cells() {
		List<String[]> rows = TABLE.lines().map((row) -> row.strip().split(" *\\| *")).toList();
		String[] guards = rows.get(0);
		return rows.stream()
			.skip(1)
			.flatMap((row) -> IntStream.range(1, row.length)
				.mapToObj((column) -> Arguments.of(row[0], guards[column], row[column])));
	}

	@ParameterizedTest
	@MethodSource("cells")
	void anUpgradeIsMadeOrRefusedAsTheTableSays(String version, String guards, String expected) {
		bringTo(version);
		Replica replica = replica();
		GUARDS.get(guards).forEach(replica::with);
		String before = nextTransaction();
		if (Character.isDigit(expected.charAt(0))) {
			MigrationReport report = replica.startAndStop();
			assertThat(report.migrations()).isEqualTo(Integer.parseInt(expected));
			assertThat(report.outcome())
				.isEqualTo(expected.equals("0") ? MigrationOutcome.FAST_PATH : MigrationOutcome.MIGRATED);
			assertThat(nextTransaction().equals(before)).as("nothing was written").isEqualTo(expected.equals("0"));
		}
		else {
			assertRefused(replica, Stream.of(expected.split(" ")).map(Rule::valueOf).toList());
			assertThat(nextTransaction()).as("nothing was written").isEqualTo(before);
		}
		assertThat(this.database.advisoryLocks()).isZero();
	}

	private void bringTo(String version) {
		if (version.startsWith("B")) {
			flyway(version.substring(1)).baseline();
		}
		else if (!version.equals("0")) {
			this.migrations.file("V11__v.sql", "CREATE TABLE t11 (id int)");
			flyway(version).migrate();
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

	@Tag("every-version")
	@Test
	void everyViolationIsNamedAtOnce() {
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

	@Tag("every-version")
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
	@CsvSource({ "01.0, 1, false", "1.9, 1.10, false", "1.10, 1.9, true", "20231231235959, 20240131120000, false",
			"20240131120000, 20231231235959, true", "1_2, 1.1.9, true", "1.1.9, 1_2, false" })
	void versionsCompareAsFlywayComparesThem(String minimum, String older, boolean tooOld) {
		assertThat(MigrationVersion.fromVersion(older).compareTo(MigrationVersion.fromVersion(minimum)) < 0)
			.isEqualTo(tooOld);
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
		if (tooOld) {
			assertRefused(replica, List.of(Rule.MINIMUM));
		}
		else {
			assertThat(replica.startAndStop().migrations()).isOne();
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
