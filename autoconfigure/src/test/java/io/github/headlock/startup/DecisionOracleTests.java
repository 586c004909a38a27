package io.github.headlock.startup;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.background.BackgroundMigrations;
import io.github.headlock.background.CompletionSettings;
import io.github.headlock.SchemaState;
import io.github.headlock.roles.BlockMode;
import io.github.headlock.roles.SessionSettings;
import io.github.headlock.test.OracleCases;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.upgrade.UpgradePath;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A start with Headlock leaves what Flyway's own {@code migrate} leaves, or refuses where
 * that does, with histories drawn from seeds.
 */
@Tag("every-version")
class DecisionOracleTests {

	private static final Logger logger = LoggerFactory.getLogger(DecisionOracleTests.class);

	private static final int IN_BUILD = 40;

	private final Map<String, Integer> outcomes = new TreeMap<>();

	private final List<String> disagreements = new ArrayList<>();

	private final TestDatabase ours = TestDatabase.create();

	private final TestDatabase flyways = TestDatabase.create();

	@Test
	void aStartDecidesAsFlywayDoes(@TempDir Path folder) {
		long[] seeds = OracleCases.seeds(IN_BUILD).toArray();
		for (long seed : seeds) {
			try {
				compare(seed, folder);
			}
			catch (Exception ex) {
				throw new IllegalStateException("seed " + seed, ex);
			}
		}
		logger.info("Decisions compared: {}, of these {}", seeds.length, this.outcomes);
		assertThat(this.disagreements).isEmpty();
		if (OracleCases.areMany(IN_BUILD)) {
			assertThat(this.outcomes).containsKeys("FAST_PATH", "MIGRATED", "refused");
		}
	}

	private void compare(long seed, Path folder) throws Exception {
		List<MigrationReport> reports = new ArrayList<>();
		Decision headlock = decide(seed, this.ours, folder.resolve(seed + "-headlock"),
				(flyway) -> reports.add(migrate(flyway)));
		Decision flyway = decide(seed, this.flyways, folder.resolve(seed + "-flyway"), Flyway::migrate);
		String outcome = reports.isEmpty() ? "refused" : reports.get(0).outcome().name();
		this.outcomes.merge(outcome, 1, Integer::sum);
		if (reports.isEmpty() ? !headlock.equals(flyway) : !isAccepted(reports.get(0), headlock, flyway)) {
			this.disagreements
				.add(String.format(Locale.ROOT, "%nseed %d: %s%n with Headlock %s%n %s%n with Flyway alone %s", seed,
						headlock.story(), outcome, headlock, flyway));
		}
	}

	/** Whether Flyway left and refused the same, but for what is documented. */
	private static boolean isAccepted(MigrationReport report, Decision headlock, Decision flyway) {
		if (report.status().state() == SchemaState.AHEAD) {
			// an older release starts on the schema of a later one, and changes nothing
			// that it has
			return headlock.versions().equals(flyway.versions());
		}
		if (flyway.isRefusal() && headlock.rows().stream().anyMatch((row) -> row.endsWith(" f"))) {
			// what another release has failed to do does not keep this one from starting
			return report.outcome() == MigrationOutcome.FAST_PATH && flyway.refusal().contains("failed");
		}
		return headlock.equals(flyway);
	}

	private static Decision decide(long seed, TestDatabase database, Path folder, Consumer<Flyway> migration)
			throws Exception {
		database.execute("DROP SCHEMA public CASCADE", "CREATE SCHEMA public");
		DrawnHistory history = DrawnHistory.draw(seed, database, Files.createDirectory(folder));
		String refusal = "";
		try {
			migration.accept(history.configuration().load());
		}
		catch (RuntimeException ex) {
			refusal = ex.toString();
		}
		return new Decision(history.toString(), refusal, history.rows());
	}

	private static MigrationReport migrate(Flyway flyway) {
		HeadlockMigrationStrategy strategy = new HeadlockMigrationStrategy(
				new MigrationSettings(true, false, Duration.ofSeconds(10), Duration.ofMillis(100),
						new UpgradePath(null, List.of(), null), null, null,
						new SessionSettings(List.of(), false, Duration.ZERO, BlockMode.values()[0], () -> null),
						BackgroundMigrations.none(), CompletionSettings.LATER),
				new MigrationListeners(new NamedBeans<>(new DefaultListableBeanFactory(), MigrationListener.class)),
				() -> Supplier::get, () -> null);
		strategy.migrate(flyway);
		return strategy.managed().orElseThrow().report();
	}

	/**
	 * What a start decided. Two are equal if both are refusals or none is, and the
	 * histories are the same.
	 *
	 * @param story what had happened before
	 * @param refusal why it was refused, empty if it was not
	 * @param rows the rows of the history after it, in order
	 */
	private record Decision(String story, String refusal, List<String> rows) {

		boolean isRefusal() {
			return !this.refusal.isEmpty();
		}

		List<String> versions() {
			return this.rows.stream().filter((row) -> row.startsWith("V")).toList();
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Decision decision && this.rows.equals(decision.rows)
					&& isRefusal() == decision.isRefusal();
		}

		@Override
		public int hashCode() {
			return this.rows.hashCode();
		}

		@Override
		public String toString() {
			return this.rows + (isRefusal() ? " refused: " + this.refusal : "");
		}

	}

}
