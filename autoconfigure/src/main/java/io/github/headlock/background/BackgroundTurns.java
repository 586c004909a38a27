package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses which of the background migrations of a release is worked on next: the first
 * one that there is something to do for. One that cannot be worked on now does not keep
 * the others from it. To be used by one thread.
 */
final class BackgroundTurns {

	/** When all are finished, one may still be let run again. */
	private static final Duration ALL_ENDED = Duration.ofMinutes(5);

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

	private static final int IS_VALID_SECONDS = 5;

	private final BackgroundStore store;

	private final List<BackgroundWork> all;

	private final double load;

	private final RunnerFindings findings;

	private final BackgroundProgressLog log = new BackgroundProgressLog();

	private final SetAside setAside = new SetAside();

	/** How often in a row there was nothing to do. */
	private int waits;

	/**
	 * Prepares it.
	 * @param store the state
	 * @param all the background migrations, in the order in which they are worked on
	 * @param load share of the time that they take
	 * @param findings told of what is seen
	 */
	BackgroundTurns(BackgroundStore store, List<BackgroundWork> all, double load, RunnerFindings findings) {
		this.store = store;
		this.all = all;
		this.load = load;
		this.findings = findings;
	}

	/**
	 * Takes one step.
	 * @param connection the connection, in autocommit mode
	 * @return for how long there is nothing to do
	 * @throws SQLException if the connection is lost, or the state cannot be read
	 */
	Duration next(Connection connection) throws SQLException {
		Map<String, Progress> states = new HashMap<>();
		List<Progress> found = this.store.readAll(connection);
		this.findings.sees(found);
		found.forEach((progress) -> states.put(progress.name(), progress));
		Duration next = ALL_ENDED;
		for (BackgroundWork work : BackgroundWork.inOrder(this.all, states)) {
			Progress progress = states.get(work.definition().name());
			if (progress == null) {
				continue;
			}
			this.log.sees(progress);
			Turn turn = this.setAside.isAside(progress.name()) ? Turn.over(this.setAside.left(progress.name()))
					: attempt(connection, work, progress);
			next = shorter(turn.pause(), next);
			if (turn.taken()) {
				return turn.pause();
			}
		}
		return next;
	}

	private Turn attempt(Connection connection, BackgroundWork work, Progress progress) throws SQLException {
		String name = progress.name();
		try {
			Turn turn = turn(connection, work, progress);
			this.setAside.remove(name);
			return turn;
		}
		catch (SQLException | RuntimeException ex) {
			if (isDenied(ex)) {
				throw ex;
			}
			boolean lost = connection.isClosed() || !connection.isValid(IS_VALID_SECONDS);
			this.setAside.add(name, ex, lost);
			if (lost) {
				throw ex;
			}
			return Turn.over(this.setAside.left(name));
		}
		finally {
			this.findings.setsAside(this.setAside.failure());
		}
	}

	private Turn turn(Connection connection, BackgroundWork work, Progress progress) throws SQLException {
		Duration pause = work.pause(connection, progress);
		if (!progress.state().isWorkedOn() || !progress.hash().equals(work.definition().hash())) {
			boolean ended = progress.state() == BackgroundState.FINISHED || progress.state() == BackgroundState.SKIPPED;
			return Turn.over(ended ? ALL_ENDED : BackgroundRunner.IDLE);
		}
		if (pause.compareTo(BackgroundRunner.LONGEST_WITH_CONNECTION) > 0) {
			return Turn.over(shorter(pause, BackgroundRunner.IDLE));
		}
		return step(connection, work, progress);
	}

	private Turn step(Connection connection, BackgroundWork work, Progress progress) throws SQLException {
		Step step = work.step(connection);
		if (step.kind() == Step.Kind.WAITING) {
			Duration retry = work.timeToRetry(connection);
			if (retry != null) {
				return Turn.over(shorter(retry, BackgroundRunner.IDLE));
			}
			// more and more seldom, as while somebody migrates
			Duration pause = step.pause().multipliedBy(1L << Math.min(this.waits, 10));
			this.waits++;
			return Turn.taken(shorter(pause, LONGEST_WAIT));
		}
		this.waits = 0;
		this.log.worksOn(progress, work.definition().effect(), this.load);
		return Turn.taken(shorter(step.pause(), BackgroundRunner.IDLE));
	}

	/** A privilege on the state, without which none can be worked on. */
	private static boolean isDenied(Exception failure) {
		return failure instanceof SQLException refusal && BackgroundRunner.DENIED.equals(refusal.getSQLState());
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	/**
	 * What came of the turn of one.
	 *
	 * @param taken whether it was worked on, or is waited for, so that it is not the turn
	 * of another one
	 * @param pause for how long there is nothing to do for it
	 */
	private record Turn(boolean taken, Duration pause) {

		static Turn taken(Duration pause) {
			return new Turn(true, pause);
		}

		static Turn over(Duration pause) {
			return new Turn(false, pause);
		}

	}

}
