package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.github.headlock.testbed.LoggedProcess;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import org.jspecify.annotations.Nullable;

/**
 * An application that changes all rows of a table, in a migration or in the background,
 * in a JVM of its own with the JVM's default options.
 *
 * @param process the application
 * @param connection a connection to its database
 */
record BackgroundRun(LoggedProcess process, Connection connection) implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMinutes(20);

	private static final Duration PERIOD = Duration.ofMillis(50);

	/** Flyway's row has the time of the statements before it. */
	private static final String MIGRATION = """
			SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint - execution_time * 1000,
				(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint, 0
			FROM flyway_schema_history WHERE version = '2' AND success
			""";

	/** From when it is registered to when a pass has ended. */
	private static final String PASS = """
			SELECT (extract(epoch FROM created_at) * 1000000)::bigint,
				(extract(epoch FROM updated_at) * 1000000)::bigint, work_ms
			FROM flyway_schema_history_background WHERE pass > %d OR state = 'finished'
			""";

	private static final String IS_REGISTERED = """
			SELECT 0, 0, 0 WHERE to_regclass('flyway_schema_history_background') IS NOT NULL
			""";

	/** The pause takes a minute, and nothing is done in it. */
	private static final String END_OF_PAUSE = "UPDATE flyway_schema_history_background SET next_at = now()";

	static BackgroundRun start(Path jar, List<String> arguments, Connection connection, Path log) {
		List<String> command = new ArrayList<>(List.of(ColdStart.java(), "-jar", jar.toString(), "--benchmark.stay"));
		command.addAll(arguments);
		return new BackgroundRun(LoggedProcess.start(new ProcessBuilder(command), log), connection);
	}

	/** Waits until the migration is applied. */
	Work awaitMigration() {
		return await(MIGRATION);
	}

	/** Waits until the first pass has ended. */
	Work awaitFirstPass() {
		await(IS_REGISTERED);
		return await(PASS.formatted(1));
	}

	/** Waits until the second pass has ended, without the pause before it. */
	Work awaitSecondPass() throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(END_OF_PAUSE);
		}
		return await(PASS.formatted(2));
	}

	private Work await(String query) {
		try {
			return Awaitility.await("change of the rows")
				.atMost(PATIENCE)
				.pollDelay(Duration.ZERO)
				.pollInterval(PERIOD)
				.failFast("the process has ended", () -> !this.process.isAlive())
				.until(() -> read(query), Objects::nonNull);
		}
		catch (ConditionTimeoutException | TerminalFailureException ex) {
			throw new IllegalStateException("The rows are not changed:\n" + this.process.log().text(), ex);
		}
	}

	private @Nullable Work read(String query) throws SQLException {
		try (Statement statement = this.connection.createStatement(); ResultSet row = statement.executeQuery(query)) {
			return row.next() ? new Work(row.getLong(1), row.getLong(2), row.getLong(3)) : null;
		}
	}

	@Override
	public void close() {
		this.process.close();
	}

	/**
	 * What was done until a moment.
	 *
	 * @param begin when it began, in microseconds since the epoch
	 * @param end when it had ended
	 * @param workMillis time of the batches until then, 0 without batches
	 */
	record Work(long begin, long end, long workMillis) {

		double seconds() {
			return (this.end - this.begin) / 1_000_000.0;
		}

		/** In seconds, with the batches of a later pass. */
		double secondsWith(Work later) {
			return seconds() + (later.workMillis - this.workMillis) / 1000.0;
		}

	}

}
