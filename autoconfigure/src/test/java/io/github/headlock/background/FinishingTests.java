package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.headlock.MigrationReport;
import io.github.headlock.background.GatedReleases.Release;
import io.github.headlock.background.GatedReleases.Text;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.waiting.StartInterruptedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/**
 * Starts that finish the background migrations of their release before they go on.
 */
@Tag("every-postgresql")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FinishingTests {

	private static final Release FIRST = new Release(1, Text.NONE);

	private static final Release SECOND = new Release(2, Text.ONE);

	private static final int ROWS = 2_000;

	private final TestDatabase database = TestDatabase.create();

	private final HeadlockLog log = HeadlockLog.open();

	private final GatedReleases releases;

	FinishingTests(@TempDir Path folder) {
		this.releases = new GatedReleases(this.database.url(), folder);
	}

	@BeforeEach
	void installTheFirstRelease() {
		this.releases.start(FIRST, Duration.ZERO, false, false);
		this.database.execute("INSERT INTO customer (first_name, last_name) SELECT 'first', 'last' "
				+ "FROM generate_series(1, %d)".formatted(ROWS));
	}

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	private String state() {
		return this.database.value("SELECT state FROM flyway_schema_history_background");
	}

	private int done() {
		return Integer.parseInt(this.database.value("SELECT count(*) FROM customer WHERE times = 1"));
	}

	/** Registered, and not begun. */
	private void installTheSecondRelease() {
		this.releases.start(SECOND, Duration.ZERO, false, false);
	}

	private void set(String values) {
		this.database.execute("UPDATE flyway_schema_history_background SET " + values);
	}

	private void awaitLine(String words) {
		await().until(() -> this.log.messages().stream().anyMatch((line) -> line.contains(words)));
	}

	private Connection lockRow() throws Exception {
		return this.database.inTransaction("UPDATE customer SET last_name = 'x' WHERE id = 7");
	}

	private BackgroundUnfinishedException failure(Duration timeout) {
		BackgroundUnfinishedException failure = catchThrowableOfType(BackgroundUnfinishedException.class,
				() -> this.releases.finish(SECOND, timeout));
		assertThat(failure).isNotNull();
		assertThat(failure.getExitCode()).isEqualTo(15);
		assertThat(failure.getNames()).containsExactly("backfill");
		assertThat(failure.getDescription())
			.endsWith("\nThe schema was at head, and what was done of the background migrations stays.");
		return failure;
	}

	@Test
	void itGoesOnWhenTheyAreFinished() {
		MigrationReport report = this.releases.finish(SECOND, null);
		assertThat(report.migrations()).isOne();
		assertThat(state()).isEqualTo("finished");
		assertThat(done()).isEqualTo(ROWS);
		assertThat(this.log.messages()).anyMatch((line) -> line.startsWith("Database ready"))
			.anyMatch((line) -> line
				.startsWith("Finishing the background migrations of this release: \"backfill\": running, not begun"))
			.anyMatch((line) -> line.startsWith("The background migrations of this release are finished, after "));
		this.releases.finish(SECOND, null);
		assertThat(this.log.messages()).last().isEqualTo("The background migrations of this release are finished");
	}

	@Test
	void anotherProcessMayMigrateMeanwhile() throws Exception {
		installTheSecondRelease();
		try (Connection other = lockRow()) {
			Background<MigrationReport> start = Background.start(() -> this.releases.finish(SECOND, null));
			awaitLine("Finishing the background migrations");
			try (Connection migration = this.database.hold(String.valueOf(Customers.HISTORY.lockKey()))) {
				assertThat(start.isDone()).isFalse();
			}
			assertThat(this.database.value("SELECT " + MigrationLock.isHeldSql(Customers.HISTORY))).isEqualTo("f");
			other.rollback();
			start.result();
		}
		assertThat(done()).isEqualTo(ROWS);
	}

	@Test
	void whileAnotherProcessMigratesNothingIsDone() throws Exception {
		installTheSecondRelease();
		try (Connection migration = this.database.hold(String.valueOf(Customers.HISTORY.lockKey()))) {
			assertThat(failure(Duration.ofSeconds(1)).getMessage()).contains("\"backfill\": running, not begun");
		}
		assertThat(done()).isZero();
	}

	@Test
	void twoStartsShareTheWorkAndWaitForEachOther() throws Exception {
		installTheSecondRelease();
		try (Connection other = lockRow()) {
			Background<MigrationReport> one = Background.start(() -> this.releases.finish(SECOND, null));
			Background<MigrationReport> two = Background.start(() -> this.releases.finish(SECOND, null));
			await().until(() -> done() == ROWS - 1);
			assertThat(one.isDone() || two.isDone()).isFalse();
			other.rollback();
			one.result();
			two.result();
		}
		assertThat(done()).isEqualTo(ROWS);
		assertThat(state()).isEqualTo("finished");
	}

	@Test
	void whatWasDoneStaysWhenItIsInterruptedOrTheTimeIsOver() throws Exception {
		installTheSecondRelease();
		try (Connection other = lockRow()) {
			Background<MigrationReport> start = Background.start(() -> this.releases.finish(SECOND, null));
			await().until(() -> done() == ROWS - 1);
			start.interrupt();
			assertThat(start.failure()).isInstanceOf(StartInterruptedException.class)
				.hasMessage("Interrupted while finishing background migrations");
			BackgroundUnfinishedException failure = failure(Duration.ofSeconds(1));
			assertThat(failure.getMessage())
				.startsWith("The background migrations of this release were not finished within 1.0 s "
						+ "(headlock.background.finish-timeout):\n  - \"backfill\": running, ")
				.contains(" %", "; last changed ", " ago by \"headlock ");
			assertThat(failure.getAction()).contains("headlock.background.finish-timeout", "headlock.background.load=1",
					"SELECT * FROM \"public\".\"flyway_schema_history_background\"");
			assertThat(failure.getWaited()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
			assertThat(done()).isEqualTo(ROWS - 1);
			other.rollback();
		}
		this.releases.finish(SECOND, Duration.ofMinutes(5));
		assertThat(done()).isEqualTo(ROWS);
	}

	@ParameterizedTest
	@CsvSource({ "paused, 'paused, last changed by \"somebody\"'", "failed, failed: the reason" })
	void whatNobodyWorksOnEndsItAtOnce(String state, String problem) {
		installTheSecondRelease();
		set("state = '%s', last_error = 'the reason', updated_by = 'somebody'".formatted(state));
		BackgroundUnfinishedException failure = failure(Duration.ofMinutes(5));
		assertThat(failure.getMessage())
			.isEqualTo("Background migrations of this release cannot be finished now:\n  - \"backfill\": " + problem);
		String update = "UPDATE \"public\".\"flyway_schema_history_background\" SET state = 'running' WHERE name = 'backfill';";
		assertThat(failure.getAction()).contains(update).endsWith("Then start this process again.");
		this.database.execute(update);
		this.releases.finish(SECOND, null);
		assertThat(state()).isEqualTo("finished");
	}

	@Test
	void whatFailsMeanwhileEndsIt() {
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 1234 OR times = 0)");
		BackgroundUnfinishedException failure = failure(Duration.ofMinutes(5));
		assertThat(failure.getMessage())
			.contains("\"backfill\": failed: 1 rows have failed; the last one, with the key [");
		assertThat(failure.getAction()).contains("AND failed;");
		assertThat(done()).isEqualTo(ROWS - 1);
	}

	@Test
	void whatAnOperatorHasSkippedIsLeftAlone() {
		installTheSecondRelease();
		set("state = 'skipped'");
		this.releases.finish(SECOND, null);
		assertThat(done()).isZero();
	}

	@Test
	void anotherReleaseThatWorksOnAnotherTextIsNotWaitedFor() {
		installTheSecondRelease();
		set("definition_hash = 'another', release_head = '9', updated_at = now(), updated_by = 'headlock later'");
		assertThat(failure(Duration.ofMinutes(5)).getMessage()).contains("\"backfill\": another release, with schema "
				+ "version 9, works on it with another text, last \"headlock later\"");
		assertThat(state()).isEqualTo("running");
	}

	@Test
	void anOlderReleaseLeavesThemToTheLaterOne() {
		this.releases.start(new Release(3, Text.ONE), Duration.ofMinutes(1), false, false);
		set("state = 'failed'");
		this.releases.finish(SECOND, null);
		assertThat(this.log.messages()).last()
			.asString()
			.startsWith("The schema is ahead of this release, which therefore leaves");
		assertThat(state()).isEqualTo("failed");
	}

	/** The state is read more often than the history. */
	@Test
	void aReleaseThatBecomesOlderMeanwhileLeavesThemToTheLaterOne() throws Exception {
		installTheSecondRelease();
		try (Connection other = lockRow()) {
			Background<MigrationReport> start = Background.start(() -> this.releases.finish(SECOND, null));
			awaitLine("Finishing the background migrations");
			this.database
				.execute("BEGIN; INSERT INTO flyway_schema_history SELECT 9, '9', 'later', type, 'V9__later.sql', "
						+ "1, installed_by, now(), 1, true FROM flyway_schema_history WHERE version = '2'; "
						+ "UPDATE flyway_schema_history_background SET definition_hash = 'another', release_head = '9'; COMMIT");
			start.result();
			other.rollback();
		}
		assertThat(this.log.messages()).last().asString().startsWith("The schema is ahead of this release now");
	}

	@Test
	void aConnectionThatIsLostIsReplaced() throws Exception {
		installTheSecondRelease();
		try (Connection other = lockRow()) {
			Background<MigrationReport> start = Background.start(() -> this.releases.finish(SECOND, null));
			await().until(() -> done() == ROWS - 1);
			String ended = this.database.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
					+ "WHERE datname = current_database() AND application_name LIKE 'headlock %'");
			assertThat(ended).isEqualTo("1");
			awaitLine("Background migrations are not worked on for now, and tried again every 10 s");
			other.rollback();
			start.result();
		}
		assertThat(done()).isEqualTo(ROWS);
	}

	@Test
	void whatIsNotKnownToPassEndsIt() {
		installTheSecondRelease();
		this.database.execute("ALTER TABLE flyway_schema_history_background RENAME pass TO passes");
		assertThat(List.of(failure(Duration.ofMinutes(5)).getMessage().split("\n")).get(0))
			.startsWith("The background migrations of this release cannot be worked on: ");
	}

}
