package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.background.GatedReleases.Release;
import io.github.headlock.background.GatedReleases.Text;
import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A session that is lost at any statement of a background migration: the next process
 * does the rest, and nothing twice.
 */
class LostSessionTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private static final int ROWS = 30;

	/** There are about 130 moments in each, of which the build tries a third. */
	private static final int STEP = Integer.getInteger("headlock.lost-session.step", 3);

	private static final Release SECOND = new Release(3, Text.ONE);

	private final TestDatabase database = TestDatabase.create();

	@Test
	void aRunnerThatIsLostAtAnyStatement() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		int moments = run(customers, 0);
		for (int moment = 1; moment <= moments; moment += STEP) {
			this.database.execute("DROP TABLE flyway_schema_history_background, flyway_schema_history_background_batch",
					"UPDATE customer SET full_name = NULL, times = 0");
			int lost = moment;
			assertThat(catchThrowable(() -> run(customers, lost))).as("moment %d", moment)
				.isInstanceOfSatisfying(SQLException.class,
						(ex) -> assertThat(BatchFailure.of(ex)).isEqualTo(BatchFailure.CONNECTION));
			customers.register(COUNT_UP);
			if (customers.progress().state().isWorkedOn()) {
				customers.finish(COUNT_UP, Customers.settings());
			}
			assertDone(moment);
		}
	}

	private int run(Customers customers, int moment) throws SQLException {
		LostSessions sessions = new LostSessions(this.database, moment, () -> true);
		BackgroundWork work = customers.work(COUNT_UP);
		try (Connection connection = sessions.connect()) {
			new BackgroundRegistration(customers.store, List.of(COUNT_UP), Customers.HISTORY.backgroundLockKey(),
					MigrationVersion.fromVersion("1"))
				.register(connection, true);
			// so that there are several batches
			this.database.execute("UPDATE flyway_schema_history_background SET batch_size = 20");
			Kind kind = Kind.WORKED;
			while (kind == Kind.WORKED) {
				kind = work.step(connection).kind();
			}
		}
		return sessions.moments();
	}

	private void assertDone(int moment) {
		assertThat(this.database
			.value("SELECT count(*) FROM customer WHERE full_name = first_name || ' ' || last_name " + "AND times = 1"))
			.as("rows changed once, moment %d", moment)
			.isEqualTo(String.valueOf(ROWS));
		assertThat(this.database.list("SELECT state || ' ' || rows_changed FROM flyway_schema_history_background"))
			.as("state, moment %d", moment)
			.containsExactly("finished " + ROWS);
		assertThat(this.database.list("SELECT name FROM flyway_schema_history_background_batch"))
			.as("batches, moment %d", moment)
			.isEmpty();
		assertThat(this.database.advisoryLocks()).as("locks, moment %d", moment).isZero();
	}

	@Test
	void aStartThatIsLostAtAnyStatementOfTheGate(@TempDir Path folder) {
		GatedReleases releases = new GatedReleases(this.database.url(), folder);
		start(releases, new Release(1, Text.NONE), 0);
		this.database
			.execute("INSERT INTO customer (first_name, last_name) SELECT 'first', i FROM generate_series(1, %d) i"
				.formatted(ROWS));
		int moments = start(releases, SECOND, 0);
		assertDone(0);
		for (int moment = 1; moment <= moments; moment += STEP) {
			this.database.execute("DROP TABLE flyway_schema_history_background, flyway_schema_history_background_batch",
					"ALTER TABLE customer DROP COLUMN full_name", "UPDATE customer SET times = 0",
					"DELETE FROM flyway_schema_history WHERE version > '1'");
			int lost = moment;
			Throwable failure = catchThrowable(() -> start(releases, SECOND, lost));
			assertThat(this.database.advisoryLocks()).as("locks, moment %d", moment).isZero();
			assertThat(this.database.history()).as("history, moment %d: %s", moment, failure)
				.isSubsetOf("1", "2", "3")
				.hasSizeGreaterThan((failure == null) ? 2 : 0);
			start(releases, SECOND, 0);
			assertThat(this.database.history()).as("history, moment %d", moment).containsExactly("1", "2", "3");
			assertDone(moment);
		}
	}

	private int start(GatedReleases releases, Release release, int moment) {
		LostSessions sessions = new LostSessions(this.database, moment, LostSessionTests::isOfTheGate);
		releases.start(sessions.dataSource(), release, Duration.ofSeconds(30), false, false);
		return sessions.moments();
	}

	private static boolean isOfTheGate() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.anyMatch((frame) -> frame.getClassName().equals(BackgroundGate.class.getName())));
	}

}
