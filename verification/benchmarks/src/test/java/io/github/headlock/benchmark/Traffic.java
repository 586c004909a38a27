package io.github.headlock.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.PostgresServer;

/**
 * Runs a statement on random rows, so many times a second, over one connection until
 * closed. A wait is from when a statement is due until its end, so that what stands
 * behind another one that waits has waited too.
 */
final class Traffic extends ConnectionThread {

	/** By this name, its sessions and other ones of the benchmark are known. */
	static final String APPLICATION_NAME = "benchmark";

	private static final long SEED = 20261128;

	private final List<Wait> waits = new ArrayList<>();

	private final String statement;

	private final int perSecond;

	private final int rows;

	private Traffic(Connection connection, String statement, int perSecond, int rows) {
		super("traffic", connection);
		this.statement = statement;
		this.perSecond = perSecond;
		this.rows = rows;
	}

	/**
	 * Starts.
	 * @param server the server
	 * @param database name of the database
	 * @param statement the statement, with a parameter for the number of a row
	 * @param perSecond how many times a second
	 * @param rows number of rows, from 1
	 */
	static Traffic start(PostgresServer server, String database, String statement, int perSecond, int rows)
			throws SQLException {
		Traffic traffic = new Traffic(connect(server, database), statement, perSecond, rows);
		traffic.start();
		return traffic;
	}

	/** A connection of the benchmark's own. */
	static Connection connect(PostgresServer server, String database) throws SQLException {
		Connection connection = server.connect(database);
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET application_name = '" + APPLICATION_NAME + "'");
		}
		return connection;
	}

	@Override
	void run(Connection connection) throws SQLException {
		long period = TimeUnit.SECONDS.toNanos(1) / this.perSecond;
		long beginMicros = CountingProxy.microsNow();
		long due = System.nanoTime();
		long begin = due;
		SplittableRandom random = new SplittableRandom(SEED);
		try (PreparedStatement execution = connection.prepareStatement(this.statement)) {
			// what was due before the end is done
			while (!isClosed() || due - System.nanoTime() <= 0) {
				LockSupport.parkNanos(due - System.nanoTime());
				execution.setLong(1, random.nextInt(this.rows) + 1);
				execution.execute();
				this.waits.add(new Wait(beginMicros + (due - begin) / 1000, (System.nanoTime() - due) / 1e6));
				due += period;
			}
		}
	}

	/**
	 * Waits in milliseconds, of statements that were due in a period, in microseconds
	 * since the epoch. To be called after it is closed.
	 */
	List<Double> waits(long from, long to) {
		return this.waits.stream()
			.filter((wait) -> wait.dueMicros() >= from && wait.dueMicros() < to)
			.map(Wait::millis)
			.toList();
	}

	/**
	 * A statement that has ended.
	 *
	 * @param dueMicros when it was due, in microseconds since the epoch
	 * @param millis how long after that it had ended
	 */
	private record Wait(long dueMicros, double millis) {

	}

}
