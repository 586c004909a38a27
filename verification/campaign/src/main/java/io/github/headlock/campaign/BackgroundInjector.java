package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.campaign.Observer.Session;
import io.github.headlock.testbed.PostgresServer.StopMode;

/**
 * Does to a process that works on a background migration, or to what it needs, what a
 * fault says.
 */
final class BackgroundInjector {

	/** Long enough to see that nothing is done. */
	private static final long NOTHING = 700;

	/** Long enough for a start to begin to finish a migration that was held up. */
	private static final Duration REFUSED_AFTER = Duration.ofSeconds(6);

	private static final int AT_MOST_UNTIL_COMMIT = 4;

	private static final String LOCK_ROWS = "SELECT n FROM customer WHERE full_name IS NULL ORDER BY n DESC LIMIT 3 "
			+ "FOR UPDATE SKIP LOCKED";

	private final BackgroundStage stage;

	private final BackgroundReplicas replicas;

	private final BackgroundReleases releases;

	private final Duration patience;

	private final List<Violation> violations = new ArrayList<>();

	BackgroundInjector(BackgroundStage stage, BackgroundReplicas replicas, BackgroundReleases releases,
			Duration patience) {
		this.stage = stage;
		this.replicas = replicas;
		this.releases = releases;
		this.patience = patience;
	}

	/**
	 * Injects a fault.
	 * @param fault the fault
	 * @param session who is held at its step
	 * @param barrier what holds it there
	 * @param recovery waits until others have done what it had begun
	 * @return whether there was anything to strike
	 */
	boolean of(BackgroundFault fault, Session session, BatchBarrier barrier, Runnable recovery) throws SQLException {
		this.stage.timeline().note("FAULT %s: %s", fault, session.replica());
		return switch (fault.kind()) {
			case KILL, STOP, STOP_LONG, TERMINATE -> {
				ReplicaProcess process = this.replicas.find(session.replica()).orElse(null);
				yield process != null && process.isAlive() && ofProcess(fault, process, barrier, recovery);
			}
			case SESSION -> terminate(session);
			case POOLER -> this.stage.restartPooler(fault.length());
			case SERVER_FAST -> restartServer(fault, StopMode.FAST);
			case SERVER_IMMEDIATE -> restartServer(fault, StopMode.IMMEDIATE);
			case ROLLBACK -> rollBack(barrier);
			case LATER_RELEASE -> {
				barrier.close();
				yield fault.isRefused() ? startRefused() : startLater();
			}
			case LOCKED_ROWS -> lockRows(barrier);
			case PAUSED -> pause(barrier);
		};
	}

	private boolean ofProcess(BackgroundFault fault, ReplicaProcess process, BatchBarrier barrier, Runnable recovery) {
		return switch (fault.kind()) {
			case KILL -> kill(fault, process, barrier);
			case STOP, STOP_LONG -> stop(fault, process, barrier, recovery);
			default -> terminate(fault, process);
		};
	}

	private boolean kill(BackgroundFault fault, ReplicaProcess process, BatchBarrier barrier) {
		if (fault.isAboutTheCommit()) {
			barrier.close();
			Wait.pause(fault.length() % AT_MOST_UNTIL_COMMIT);
		}
		process.kill();
		return true;
	}

	private boolean stop(BackgroundFault fault, ReplicaProcess process, BatchBarrier barrier, Runnable recovery) {
		if (!process.stop()) {
			return false;
		}
		barrier.close();
		if (fault.kind() == BackgroundFaultKind.STOP_LONG) {
			recovery.run();
		}
		else {
			Wait.pause(fault.length());
		}
		process.goOn();
		this.stage.timeline().note("%s goes on", process.name());
		return true;
	}

	private boolean terminate(BackgroundFault fault, ReplicaProcess process) {
		process.terminate();
		Wait.pause(fault.length());
		return true;
	}

	private boolean terminate(Session session) {
		this.stage.observer().terminate(session);
		return true;
	}

	private boolean restartServer(BackgroundFault fault, StopMode mode) throws SQLException {
		this.stage.restartServer(mode, fault.length());
		this.stage.neighbour().openSessionAgain();
		return true;
	}

	private boolean startLater() {
		this.releases.startLater();
		return true;
	}

	/** The later release has the gated migration as well, and a row is locked. */
	private boolean startRefused() throws SQLException {
		EarlyStart start = new EarlyStart(this.stage, this.replicas, this.patience);
		this.violations.addAll(start.of("refused", REFUSED_AFTER));
		return start.hasTakenTextOver();
	}

	private boolean rollBack(BatchBarrier barrier) {
		Thread opening = new Thread(() -> {
			Wait.pause(NOTHING);
			barrier.close();
		}, "opening");
		opening.start();
		this.releases.rollBack();
		expectNothing("by a release without the code");
		this.releases.rollForward();
		return true;
	}

	private boolean pause(BatchBarrier barrier) throws SQLException {
		return this.stage.operator().pause(false, () -> {
			barrier.close();
			boolean still = Wait.until(this.patience,
					() -> this.stage.observer()
						.list("SELECT 1 FROM pg_stat_activity WHERE datname = ? AND application_name LIKE 'headlock%' "
								+ "AND xact_start IS NOT NULL", this.stage.database().name())
						.isEmpty());
			this.stage.timeline().note("paused%s", still ? "" : ", but transactions go on");
			expectNothing("while paused");
		});
	}

	private void expectNothing(String when) {
		String before = this.stage.progress().position();
		Wait.pause(NOTHING);
		String after = this.stage.progress().position();
		if (!before.equals(after)) {
			this.violations.add(new Violation(Invariant.PAUSED,
					String.format(Locale.ROOT, "from %s to %s %s", before, after, when)));
		}
	}

	/** A pass skips them, so that the next one has to find them. */
	private boolean lockRows(BatchBarrier barrier) throws SQLException {
		try (Connection connection = this.stage.database().connect();
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("SET application_name = 'locker'");
			List<String> rows = RoundDatabase.list(connection, LOCK_ROWS);
			String pass = this.stage.progress().pass();
			barrier.close();
			boolean passed = !rows.isEmpty()
					&& Wait.until(this.patience, () -> !this.stage.progress().pass().equals(pass));
			long left = RoundDatabase.list(connection, "SELECT n FROM customer WHERE full_name IS NULL")
				.stream()
				.filter(rows::contains)
				.count();
			this.stage.timeline().note("rows %s were locked, and %d are left", rows, left);
			if (left < rows.size()) {
				this.violations.add(new Violation(Invariant.ATOMIC, "rows that somebody had locked were changed"));
			}
			connection.rollback();
			return passed;
		}
	}

	/** What was wrong while a fault lasted. */
	List<Violation> violations() {
		return this.violations;
	}

}
