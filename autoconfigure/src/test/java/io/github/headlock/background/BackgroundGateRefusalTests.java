package io.github.headlock.background;

import java.nio.file.Path;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Starts that are refused, because a migration requires a background migration that is
 * not finished.
 */
@Tag("every-postgresql")
class BackgroundGateRefusalTests {

	private final TestDatabase database = TestDatabase.create();

	private final Releases releases;

	BackgroundGateRefusalTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
	}

	@BeforeEach
	void installTheFirstRelease() {
		this.releases.idle().startAndStop();
		this.releases.insert(1, 3_000);
	}

	@Test
	void whatMayNotBeFinishedAtTheGateIsRefused() {
		this.releases.second().idle().startAndStop();
		UpgradeRefusedException refusal = Releases
			.refusal(this.releases.third().idle().with("headlock.background.finalize-within", 0));
		assertThat(refusal)
			.hasMessageMatching("This release must not upgrade schema \"public\" from version 2 to version 3:\n"
					+ "  - V3__enforce.sql requires the background migration \"backfill\": running, 0 rows seen; "
					+ "last batch \\d+ s ago by \"headlock .*\"");
		assertThat(refusal.getDescription())
			.endsWith("\nNothing was changed: the release that ran until now can go on, and goes on with it.");
		assertThat(refusal.getAction()).startsWith("Let it finish (SELECT * FROM "
				+ "\"public\".\"flyway_schema_history_background\"), then install this release; or finish it first, "
				+ "under the migration lock, by starting this release once with headlock.background.finalize-within=");
		assertThat(this.releases.versions()).containsExactly("1", "2");
		assertThat(this.releases.count("full_name IS NOT NULL")).isZero();
	}

	/** Whoever has written it relies on it. */
	@ParameterizedTest
	@ValueSource(strings = { "-- headlock : requires background backfill", "-- headlock requires background backfill",
			"-- Headlock requires: background backfill", "/* headlock: requires background backfill */",
			"-- headlock: Requires background backfill" })
	void aLineThatIsMeantAndNotUnderstoodIsRefused(String line) {
		this.releases.second().idle().startAndStop();
		this.releases.migrations.file("V3__drop.sql", line + "\nALTER TABLE customer DROP COLUMN first_name");
		assertThat(NestedExceptionUtils.getMostSpecificCause(catchThrowable(this.releases.idle()::startAndStop)))
			.isInstanceOf(InvalidBackgroundMigrationException.class)
			.hasMessageContaining("is not understood");
		assertThat(this.releases.versions()).containsExactly("1", "2");
	}

	/** People read them from top to bottom. */
	@Test
	void severalAreNamedInTheOrderOfTheirVersions() {
		this.releases.third();
		for (int version = 12; version >= 8; version--) {
			this.releases.migrations.file("V%d__x.sql".formatted(version),
					"-- headlock: requires background backfill\nSELECT 1");
		}
		assertThat(
				Releases.refusal(this.releases.idle().with("headlock.background.finalize-within", 0)).getViolations())
			.extracting(Violation::version)
			.containsExactly("3", "8", "9", "10", "11", "12");
	}

	@Test
	void whoSkipsAReleaseIsRefusedBeforeAnythingIsDone() {
		this.database.execute("ANALYZE customer");
		Releases.refusal(this.releases.third().idle().with("headlock.background.finalize-within", "10ms"));
		assertThat(this.releases.versions()).containsExactly("1");
		Releases.refusal(this.releases.idle().with("spring.flyway.group", true));
		assertThat(this.releases.versions()).containsExactly("1");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname LIKE '%background%'")).isEmpty();
	}

	@Test
	void aWrongEstimateStopsTheUpgradeInItsMiddle() {
		this.releases.third();
		this.releases.migrations.file("V2__full_name.sql", """
				ALTER TABLE customer ADD COLUMN full_name text;
				CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				PERFORM pg_sleep(0.001); RETURN NEW; END $$;
				CREATE TRIGGER slow BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION slow();
				""");
		Replica impatient = this.releases.idle().with("headlock.background.finalize-within", "1s");
		UpgradeRefusedException refusal = Releases.refusal(impatient);
		assertThat(refusal).hasMessageContaining("not finished within 1.0 s");
		assertThat(refusal.getApplied()).isOne();
		assertThat(refusal.getDescription()).contains(
				"1 migrations were applied before, up to version 2, and stay. The next start goes on from there.");
		assertThat(this.releases.versions()).containsExactly("1", "2");
		assertThat(this.releases.state()).isEqualTo("running");
		assertThat(this.releases.count("times = 1")).isPositive();
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	/** Who installs the release before has it finished, without a human. */
	@Test
	void whatWasFinishedAndCannotBeFinishedAgainInTimeRunsAgain() {
		this.releases.second().idle().startAndStop();
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'finished'");
		UpgradeRefusedException refusal = Releases
			.refusal(this.releases.third().idle().with("headlock.background.finalize-within", 0));
		assertThat(refusal)
			.hasMessageEndingWith("was finished, and rows were written since that need it; it runs again");
		assertThat(this.releases.state()).isEqualTo("running");
		assertThat(this.releases.versions()).containsExactly("1", "2");
	}

	/** A release that is refused takes nothing away from the one before. */
	@Test
	void theReleaseBeforeGoesOnWithItsOwnText() throws Exception {
		this.releases.second();
		this.releases.idle().startAndStop();
		String hash = this.database.value("SELECT definition_hash FROM flyway_schema_history_background");
		this.database.execute("ALTER TABLE customer ADD CHECK (full_name IS NULL OR full_name <> 'wrong')");
		this.releases.third().background.file("backfill.sql",
				Releases.BACKFILL.replace("concat_ws(' ', first_name, last_name)", "'wrong'"));
		Releases.refusal(this.releases.idle());
		assertThat(this.database.value("SELECT definition_hash FROM flyway_schema_history_background")).isEqualTo(hash);
		assertThat(this.releases.state()).isEqualTo("running");
		this.releases.background.file("backfill.sql", Releases.BACKFILL);
		this.releases.idle().startAndStop();
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void whatNobodyWorksOnIsRefused() {
		this.releases.second().idle().startAndStop();
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'paused', updated_by = 'Ann'");
		UpgradeRefusedException paused = Releases.refusal(this.releases.third().idle());
		assertThat(paused).hasMessageEndingWith("\"backfill\": paused, last changed by \"Ann\"");
		assertThat(paused.getAction()).isEqualTo("Let it go on, and finish: UPDATE "
				+ "\"public\".\"flyway_schema_history_background\" SET state = 'running' WHERE name = 'backfill';");
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'failed', last_error = 'too bad'");
		UpgradeRefusedException failed = Releases.refusal(this.releases.idle());
		assertThat(failed).hasMessageEndingWith("\"backfill\": failed: too bad");
		String action = failed.getAction();
		this.database.execute(action.substring(action.indexOf("DELETE")).split("; ", -1));
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
	}

	@Test
	void whatFailsAtTheGateIsRefused() {
		this.releases.second().idle().startAndStop();
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 7 OR full_name IS NULL)");
		assertThat(Releases.refusal(this.releases.third().idle()))
			.hasMessageContaining("failed: 1 rows have failed; the last one, with the key [");
		assertThat(this.releases.state()).isEqualTo("failed");
		assertThat(this.releases.count("times = 1")).isEqualTo(2_999);
	}

	@Test
	void whatIsNotDeclaredIsRefusedAlsoIfItWasFinished() {
		this.releases.second().idle().startAndStop();
		this.releases.third().background.delete("backfill.sql");
		this.database
			.execute("UPDATE flyway_schema_history_background SET state = 'finished', updated_by = 'headlock shop'");
		UpgradeRefusedException refusal = Releases.refusal(this.releases.idle());
		assertThat(refusal)
			.hasMessageEndingWith("which this release does not declare, so that nobody can look whether it "
					+ "is finished; it was finished, last worked on by \"headlock shop\"");
		assertThat(refusal.getAction()).startsWith("Install a release that declares it, with a schema version below 3, "
				+ "such as the one with version 2, and let it finish.");
	}

	@Test
	void aLineThatIsNotUnderstoodIsRefused() {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V3__enforce.sql", "-- headlock: require background backfill\nSELECT 1");
		assertThat(NestedExceptionUtils.getMostSpecificCause(catchThrowable(this.releases.idle()::startAndStop)))
			.isInstanceOf(InvalidBackgroundMigrationException.class)
			.hasMessageContaining("V3__enforce.sql");
		assertThat(this.releases.versions()).containsExactly("1", "2");
	}

}
