package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, without changing anything, whether a background migration is finished or may
 * be finished now. It looks at the rows, not only at what is written of them.
 */
final class GateCheck {

	private static final Logger logger = LoggerFactory.getLogger(GateCheck.class);

	private final BackgroundMigrations migrations;

	private final BackgroundStore store;

	private final HistoryTable history;

	GateCheck(BackgroundMigrations migrations, BackgroundStore store, HistoryTable history) {
		this.migrations = migrations;
		this.store = store;
		this.history = history;
	}

	/**
	 * Judges a requirement.
	 * @param connection the connection, in autocommit mode
	 * @param requirement the requirement
	 * @param isRunnable tells whether what one needs is applied
	 * @param group whether all pending migrations are one transaction
	 */
	Verdict judge(Connection connection, Requirement requirement, Predicate<BackgroundDefinition> isRunnable,
			boolean group) throws SQLException {
		String name = requirement.background();
		if (name.equals(this.migrations.settings().skip())) {
			logger.warn("SKIPPING the background migration \"{}\", which {} requires: headlock.background.skip is set. "
					+ "Remove it when this is done", name, requirement.script());
			return Verdict.OPEN;
		}
		Progress progress = this.store.tables().exist(connection) ? this.store.read(connection, name) : null;
		BackgroundDefinition definition = this.migrations.find(name).orElse(null);
		if (definition == null) {
			return undeclared(requirement, progress);
		}
		requirement.ensureAbove(definition);
		if (progress != null && progress.state() == BackgroundState.SKIPPED) {
			logger.warn(
					"The background migration \"{}\", which {} requires, was set to skipped; it may not be finished",
					name, requirement.script());
			return Verdict.OPEN;
		}
		if (!isRunnable.test(definition)) {
			return group ? Verdict.closed(
					"needs version " + definition.since() + " first, and with spring.flyway.group=true all is one "
							+ "transaction",
					"Start this release once with spring.flyway.group=false, or install a release between the two "
							+ "versions first.")
					: fits(connection, definition, null);
		}
		return (progress != null) ? ofProgress(connection, definition, progress) : fits(connection, definition, null);
	}

	/**
	 * Those of tables that have rows, as far as this release declares what they require.
	 */
	List<Requirement> ofRowsThatAreThere(Connection connection, List<Requirement> all) throws SQLException {
		List<Requirement> found = new ArrayList<>();
		for (Requirement requirement : all) {
			BackgroundDefinition definition = this.migrations.find(requirement.background()).orElse(null);
			if (definition != null && rows(connection, definition) > 0) {
				found.add(requirement);
			}
		}
		return found;
	}

	private Verdict undeclared(Requirement requirement, @Nullable Progress progress) {
		String release = String.format(Locale.ROOT,
				"Install a release that declares it, with a schema version below %s%s, and let it finish. Makers of the "
						+ "release: a declaration stays until its gate is a required stop or below "
						+ "headlock.minimum-schema-version.",
				requirement.migration().version(),
				(progress != null) ? ", such as the one with version " + progress.releaseHead() : "");
		return Verdict.closed("which this release does not declare, so that nobody can look whether it is finished"
				+ ((progress != null) ? String.format(Locale.ROOT, "; it was %s, last worked on by \"%s\"",
						progress.state(), progress.updatedBy()) : "; it was never registered"),
				release);
	}

	/** What operators are told of one that nobody works on. */
	Verdict stopped(BackgroundDefinition definition, Progress progress) {
		String again = "UPDATE " + this.store.tables().progress() + " SET state = 'running' WHERE name = '"
				+ definition.name() + "';";
		return (progress.state() == BackgroundState.PAUSED)
				? Verdict.closed("paused, last changed by " + who(progress), "Let it go on, and finish: " + again)
				: Verdict.closed("failed: " + progress.lastError(),
						"Mend what is said above, then let it run again: DELETE FROM " + this.store.tables().batch()
								+ " WHERE name = '" + definition.name() + "' AND failed; " + again);
	}

	/** What operators are told of one that a later release works on with another text. */
	Verdict ofAnotherText(Progress progress) {
		return Verdict.notYet(
				String.format(Locale.ROOT,
						"another release, with schema version %s, works on it with another text, last %s",
						progress.releaseHead(), who(progress)),
				"Install that release, or one after it; or stop its processes, wait for ten minutes, and start this "
						+ "release again.");
	}

	/**
	 * What operators are told of one that took too long at the gate.
	 * @param goesOn whether the release before knows it, and goes on with it
	 * @param because what was in the way, {@code null} for nothing
	 */
	Verdict timedOut(BackgroundDefinition definition, Progress progress, boolean goesOn, @Nullable String because) {
		Duration left = Estimate.of(progress, definition.effect(), 1).timeLeft();
		Verdict verdict = unfinished(definition, progress,
				(left != null) ? left : this.migrations.settings().finalizeWithin());
		return new Verdict(String.format(Locale.ROOT, "not finished within %s; %s%s",
				Stopwatch.seconds(this.migrations.settings().finalizeWithin()), verdict.objection(),
				(because != null) ? "; " + because : ""), verdict.remedy(), false, goesOn);
	}

	private Verdict ofProgress(Connection connection, BackgroundDefinition definition, Progress progress)
			throws SQLException {
		return switch (progress.state()) {
			case PAUSED, FAILED -> stopped(definition, progress);
			case FINISHED -> isNeeded(connection, definition) ? again(connection, definition, progress) : Verdict.OPEN;
			default -> fits(connection, definition, progress);
		};
	}

	/** Rows were written since. Who cannot finish it now lets it run again. */
	private Verdict again(Connection connection, BackgroundDefinition definition, Progress progress)
			throws SQLException {
		Verdict verdict = fits(connection, definition, null);
		if (verdict.toFinish()) {
			return verdict;
		}
		Transactions.run(connection, () -> this.store.reopen(connection, progress.name()));
		return Verdict.notYet("was finished, and rows were written since that need it; it runs again",
				String.valueOf(verdict.remedy()));
	}

	private static String who(Progress progress) {
		return '"' + progress.updatedBy() + '"';
	}

	boolean isNeeded(Connection connection, BackgroundDefinition definition) throws SQLException {
		return new BackgroundWork(this.store, definition, this.migrations.settings(), Pace.UNDER_LOCK, this.history)
			.isNeeded(connection, this.migrations.settings().lookTimeout());
	}

	/** Whether it can be finished in the time that the team gives it. */
	private Verdict fits(Connection connection, BackgroundDefinition definition, @Nullable Progress progress)
			throws SQLException {
		Duration within = this.migrations.settings().finalizeWithin();
		Duration expected = expected(connection, definition, progress);
		if (!within.isZero() && expected.compareTo(within) <= 0) {
			return Verdict.TO_FINISH;
		}
		return unfinished(definition, progress, expected);
	}

	private Duration expected(Connection connection, BackgroundDefinition definition, @Nullable Progress progress)
			throws SQLException {
		Duration left = (progress != null) ? Estimate.of(progress, definition.effect(), 1).timeLeft() : null;
		return (left != null) ? left : Duration
			.ofMillis((long) (rows(connection, definition) * 1000 / definition.effect().usualRowsPerSecond()));
	}

	/** None if an earlier migration of this start makes the table. */
	private long rows(Connection connection, BackgroundDefinition definition) throws SQLException {
		return new BackgroundWork(this.store, definition, this.migrations.settings(), Pace.UNDER_LOCK, this.history)
			.rows(connection);
	}

	/** What operators are told of one that is not finished. */
	Verdict unfinished(BackgroundDefinition definition, @Nullable Progress progress, Duration expected) {
		StringBuilder text = new StringBuilder();
		if (progress == null) {
			text.append("not finished, and expected to take ")
				.append(Amounts.duration(expected))
				.append(" without pauses");
		}
		else {
			text.append(progress.state()).append(", ");
			text.append(
					Estimate.of(progress, definition.effect(), this.migrations.settings().load()).describeForGate());
			Duration silent = progress.sinceUpdate();
			if (progress.hold().exists()) {
				text.append(String.format(Locale.ROOT, "; held for %s: %s", Amounts.duration(progress.hold().lasts()),
						progress.hold().because()));
			}
			else if (silent != null && progress.updatedBy() != null) {
				text.append(String.format(Locale.ROOT, "; last batch %s ago by %s", Amounts.duration(silent),
						who(progress)));
			}
		}
		String within = "headlock.background.finalize-within=" + suggestion(expected);
		return (progress != null) ? Verdict.notYet(text.toString(), String.format(Locale.ROOT,
				"Let it finish (SELECT * FROM %s), then install this release; or finish it first, under the migration "
						+ "lock, by starting this release once with %s",
				this.store.tables().progress(), within))
				: Verdict.closed(text.toString(), String.format(Locale.ROOT,
						"Start this release once with %s, or install a release first that declares it and has not the migration "
								+ "that requires it, and let it finish.",
						within));
	}

	/** Several times what is expected. */
	private static String suggestion(Duration expected) {
		long hours = expected.multipliedBy(3).toHours();
		return (hours > 0) ? hours + "h" : Math.max(5, expected.multipliedBy(3).toMinutes()) + "m";
	}

}
