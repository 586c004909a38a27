package io.github.headlock.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.PostgresServer;

/**
 * Asks a server the same, 50 times a second until closed, from another database than
 * those that are measured.
 *
 * @param <S> what is seen at a moment
 */
abstract class Sampling<S> extends ConnectionThread {

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private final List<S> samples = new CopyOnWriteArrayList<>();

	private final String query;

	private final List<String> parameters;

	/**
	 * Prepares it.
	 * @param server the server
	 * @param name name of the thread
	 * @param query a query of one row
	 * @param parameters its parameters
	 */
	Sampling(PostgresServer server, String name, String query, String... parameters) throws SQLException {
		super(name, server.connect("postgres"));
		this.query = query;
		this.parameters = List.of(parameters);
	}

	@Override
	final void run(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.query)) {
			for (int i = 0; i < this.parameters.size(); i++) {
				statement.setString(i + 1, this.parameters.get(i));
			}
			while (!isClosed()) {
				try (ResultSet row = statement.executeQuery()) {
					row.next();
					this.samples.add(read(row, CountingProxy.microsNow()));
				}
				LockSupport.parkNanos(PAUSE_NANOS);
			}
		}
	}

	/** Reads what was seen at a moment, in microseconds since the epoch. */
	abstract S read(ResultSet row, long micros) throws SQLException;

	/** What was seen until now. */
	final List<S> samples() {
		return this.samples;
	}

}
