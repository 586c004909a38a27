package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.SessionRow;
import io.github.headlock.waiting.ReportInterval;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Ends a pass over the table: a migration is finished if the pass has changed nothing and
 * a look after it finds no row that still needs it. Otherwise there is another pass.
 */
final class PassEnd {

	private static final Logger logger = LoggerFactory.getLogger(PassEnd.class);

	/** Whoever writes rows in the old form for so long is worth a warning. */
	static final int PATIENT_PASSES = 3;

	/** The warning. */
	static final String WRITERS = "something still writes rows in the old form. Does an older release run?";

	private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

	/** Until another process has looked. */
	private static final Duration OTHERS_PAUSE = Duration.ofMillis(500);

	/** Who may have rows of the table locked, the longest transaction first. */
	private static final String LOCKERS = String.format(Locale.ROOT, """
			SELECT %s FROM pg_catalog.pg_stat_activity a WHERE a.pid <> pg_catalog.pg_backend_pid() \
			AND EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid = a.pid AND l.granted \
			AND l.mode IN ('RowShareLock', 'RowExclusiveLock') AND l.relation = pg_catalog.to_regclass(?)) \
			ORDER BY a.xact_start NULLS LAST LIMIT 3""", SessionRow.COLUMNS);

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	private final BackgroundSettings settings;

	private final Pace pace;

	private final WorkTransaction transaction;

	private final long lookKey;

	/** Without pauses, passes follow one another too closely for a line each. */
	private final ReportInterval reports = ReportInterval.fromTheBeginning();

	private final Stopwatch sinceCreated = new Stopwatch();

	PassEnd(BackgroundStore store, BackgroundDefinition definition, BackgroundSettings settings, Pace pace,
			WorkTransaction transaction, long lookKey) {
		this.store = store;
		this.definition = definition;
		this.settings = settings;
		this.pace = pace;
		this.transaction = transaction;
		this.lookKey = lookKey;
	}

	/**
	 * Ends the pass.
	 * @param connection the connection, in autocommit mode
	 * @param sql the statements
	 * @param progress what was found at the end of the pass
	 * @return what was done
	 */
	Step end(Connection connection, BatchSql sql, Progress progress) throws SQLException {
		if (progress.changedInPass() > 0) {
			again(connection, progress, String.format(Locale.ROOT, "it changed %d rows", progress.changedInPass()));
			return Step.passEnded();
		}
		Boolean needed = look(connection, sql);
		if (needed == null) {
			return Step.waiting(OTHERS_PAUSE);
		}
		if (needed) {
			again(connection, progress,
					"rows still need it that it could not change; they may be locked by " + lockers(connection, sql));
			return Step.rowsLocked();
		}
		String failed = this.store.batches().describeFailed(connection, progress.name());
		boolean ended = Transactions.run(connection, () -> this.store.end(connection, progress,
				(failed != null) ? BackgroundState.FAILED : BackgroundState.FINISHED, failed));
		if (ended && failed == null) {
			logger.info("Background migration \"{}\": finished after {}: {} rows seen, {} changed, {} passes",
					progress.name(), Amounts.duration(progress.age()), progress.rowsSeen(), progress.rowsChanged(),
					progress.pass());
		}
		return ended ? Step.ended() : Step.PREPARED;
	}

	/**
	 * Looks whether a row still needs the migration that has not failed. One process
	 * looks at a time.
	 * @return {@code null} if another one does
	 */
	private @Nullable Boolean look(Connection connection, BatchSql sql) throws SQLException {
		this.transaction.beginLook(connection,
				(this.pace == Pace.UNDER_LOCK) ? this.settings.finalizeWithin() : this.settings.lookTimeout());
		boolean mine = this.pace == Pace.UNDER_LOCK || Statements.isTrue(connection,
				"SELECT pg_catalog.pg_try_advisory_xact_lock(?::bigint)", this.lookKey);
		Boolean needed = mine
				? isNeeded(connection, sql, this.store.batches().failedKeys(connection, this.definition.name())) : null;
		connection.rollback();
		connection.setAutoCommit(true);
		return needed;
	}

	private static boolean isNeeded(Connection connection, BatchSql sql, List<List<String>> without)
			throws SQLException {
		Clause look = sql.exists(without);
		return Statements.isTrue(connection, look.sql(), look.arguments().toArray());
	}

	/**
	 * Looks whether any row still needs the migration.
	 * @param connection the connection, in autocommit mode
	 * @param longest longest that the look may take
	 */
	boolean isNeeded(Connection connection, BatchSql sql, Duration longest) throws SQLException {
		this.transaction.beginLook(connection, longest);
		boolean needed = isNeeded(connection, sql, List.of());
		connection.rollback();
		connection.setAutoCommit(true);
		return needed;
	}

	private void again(Connection connection, Progress progress, String because) throws SQLException {
		Duration pause = pauseAfter(progress);
		if (Transactions.run(connection, () -> this.store.beginPass(connection, progress, pause))) {
			logger.atLevel(level(progress))
				.log("Background migration \"{}\": pass {} has ended after {} rows, and another one begins in {}, because {}",
						progress.name(), progress.pass(), progress.seenInPass(), Stopwatch.seconds(pause),
						(progress.pass() >= PATIENT_PASSES && progress.changedInPass() > 0) ? because + ": " + WRITERS
								: because);
		}
	}

	private Level level(Progress progress) {
		boolean warns = progress.pass() == PATIENT_PASSES && this.pace != Pace.UNDER_LOCK;
		if (!warns && (this.pace == Pace.UNDER_LOCK || progress.fullSpeed())) {
			return this.reports.isDue(this.sinceCreated.elapsed()) ? Level.INFO : Level.DEBUG;
		}
		return warns ? Level.WARN : Level.INFO;
	}

	private Duration pauseAfter(Progress progress) {
		if (this.pace.isFullSpeed()) {
			return Duration.ZERO;
		}
		if (progress.fullSpeed()) {
			return PassPauses.after(progress.pass());
		}
		Duration pause = this.settings.passPause().multipliedBy(1L << Math.min(progress.pass() - 1, 10));
		return (pause.compareTo(LONGEST_PAUSE) < 0) ? pause : LONGEST_PAUSE;
	}

	/** The sessions that may have rows locked, for people. */
	String lockers(Connection connection, BatchSql sql) throws SQLException {
		List<DatabaseSession> sessions = Statements.query(connection, LOCKERS, SessionRow::read, sql.table().name());
		return sessions.isEmpty() ? "nobody any more"
				: sessions.stream().map(DatabaseSession::toString).collect(Collectors.joining("; "));
	}

}
