package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.headlock.SchemaState;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionAbort;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.waiting.Stopwatch;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Works on the background migrations of a release while the application serves, on a
 * thread of its own, with one connection, and none while there is nothing to do.
 */
public final class BackgroundRunner implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundRunner.class);

	/** SQLSTATE of a missing privilege. */
	static final String DENIED = "42501";

	/** Longer pauses are made without the connection. */
	static final Duration LONGEST_WITH_CONNECTION = Duration.ofSeconds(2);

	static final Duration IDLE = Duration.ofSeconds(30);

	static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

	/** How often it is made sure that this release is still the one at the head. */
	private static final Duration LOOK_AT_HEAD = Duration.ofSeconds(10);

	private static final Duration LONGEST_END = Duration.ofSeconds(2);

	private final MigrationConnections connections;

	private final HeadProbe head;

	private final BackgroundStore store;

	private final BackgroundRegistration registration;

	private final BackgroundTurns turns;

	private final RunnerFindings findings = new RunnerFindings();

	private volatile CountDownLatch stopped = new CountDownLatch(1);

	private boolean registered;

	private boolean failed;

	private volatile @Nullable Thread thread;

	private volatile @Nullable Connection connection;

	/**
	 * Prepares a runner, and reads nothing yet.
	 * @param migrations the migrations of this release
	 * @param connections connections of the role that migrates
	 * @param history the history table
	 * @param releaseHead highest version of this release
	 * @param head tells where the schema stands, seen from this release
	 */
	public BackgroundRunner(BackgroundMigrations migrations, MigrationConnections connections, HistoryTable history,
			MigrationVersion releaseHead, HeadProbe head) {
		this.connections = connections;
		this.head = head;
		this.store = new BackgroundStore(history, MigrationLock.isHeldSql(history));
		this.registration = new BackgroundRegistration(this.store, migrations.definitions(),
				history.backgroundLockKey(), releaseHead);
		List<BackgroundWork> work = new ArrayList<>();
		for (BackgroundDefinition definition : migrations.definitions()) {
			work.add(new BackgroundWork(this.store, definition, migrations.settings(), Pace.WITH_PAUSES, history,
					migrations.count(definition)));
		}
		this.turns = new BackgroundTurns(this.store, work, migrations.settings().load(), this.findings);
	}

	/** Begins to work. */
	public void start() {
		CountDownLatch stopped = new CountDownLatch(1);
		this.stopped = stopped;
		this.findings.clear();
		Thread thread = new Thread(() -> run(stopped), "headlock-background");
		thread.setDaemon(true);
		this.thread = thread;
		thread.start();
	}

	/** What it has found last. */
	RunnerFindings findings() {
		return this.findings;
	}

	/** Also ends if another thread has been started since. */
	private void run(CountDownLatch stopped) {
		boolean over = false;
		while (!over) {
			over = pause(cycle(stopped), stopped);
		}
	}

	/** Waits, and returns whether this is to stop. */
	private static boolean pause(Duration pause, CountDownLatch stopped) {
		try {
			return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			// code of the team may leave one behind that nobody has asked for
			return stopped.getCount() == 0;
		}
	}

	/** Works until there is nothing to do, and returns for how long that is. */
	private Duration cycle(CountDownLatch stopped) {
		try (Connection connection = this.connections.open()) {
			if (stopped.getCount() == 0) {
				return Duration.ZERO;
			}
			this.connection = connection;
			BackgroundConnection.prepare(connection);
			Duration pause = work(connection, stopped);
			this.failed = false;
			return pause;
		}
		catch (SQLException | RuntimeException | Error ex) {
			if (stopped.getCount() > 0) {
				report(ex);
			}
			return AFTER_FAILURE;
		}
		finally {
			if (stopped.getCount() > 0) {
				this.connection = null;
			}
		}
	}

	private void report(Throwable failure) {
		this.findings.fails(failure);
		String problem = "Background migrations are not worked on for now, and tried again every {} s: {}{}";
		String remedy = (failure instanceof SQLException refusal && DENIED.equals(refusal.getSQLState()))
				? "; the role needs SELECT, INSERT, UPDATE and DELETE on " + this.store.tables().shown()
						+ ", which a process that migrates makes"
				: "";
		logger.atLevel(this.failed ? Level.DEBUG : Level.WARN)
			.log(problem, AFTER_FAILURE.toSeconds(), RootCause.describe(failure), remedy);
		this.failed = true;
	}

	private Duration work(Connection connection, CountDownLatch stopped) throws SQLException {
		Stopwatch sinceLook = new Stopwatch();
		if (!isInCharge(connection)) {
			return IDLE;
		}
		while (stopped.getCount() > 0) {
			if (sinceLook.elapsed().compareTo(LOOK_AT_HEAD) >= 0) {
				if (!isInCharge(connection)) {
					return IDLE;
				}
				sinceLook = new Stopwatch();
			}
			Duration pause = this.turns.next(connection);
			if (pause.compareTo(LONGEST_WITH_CONNECTION) > 0) {
				return pause;
			}
			if (pause(pause, stopped)) {
				return Duration.ZERO;
			}
		}
		return Duration.ZERO;
	}

	/** Whether this release is the one whose migrations are to be worked on. */
	private boolean isInCharge(Connection connection) throws SQLException {
		boolean standby = ServerFacts.isStandby(connection);
		this.findings.seesStandby(standby);
		if (standby) {
			this.connections.preferPrimary();
			return false;
		}
		SchemaState schema = this.head.look(connection);
		this.findings.seesSchema(schema);
		if (schema != SchemaState.AT_HEAD) {
			return false;
		}
		boolean done = this.registration.register(connection, !this.registered);
		this.registered = this.registered || done;
		if (done) {
			Transactions.run(connection, () -> this.store.resetAbandoned(connection, false));
		}
		return done;
	}

	/**
	 * Stops. A batch that takes long is given up, and done by another process, or later.
	 */
	@Override
	public void close() {
		this.stopped.countDown();
		Thread thread = this.thread;
		if (thread == null || !isAliveAfter(thread, LONGEST_END)) {
			return;
		}
		Connection connection = this.connection;
		if (connection != null) {
			ConnectionAbort.run(connection);
		}
		// code of the team may wait for something else
		thread.interrupt();
		isAliveAfter(thread, LONGEST_END);
	}

	private static boolean isAliveAfter(Thread thread, Duration longest) {
		try {
			thread.join(longest.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return thread.isAlive();
	}

}
