package io.github.headlock.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.PostgresServer;

/**
 * Looks at the sessions of a database, 50 times a second, from another database until
 * closed.
 */
final class Sessions implements AutoCloseable {

	private static final String QUERY = """
			SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%'),
				(SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = ?)
			FROM pg_stat_activity WHERE datname = ? AND backend_type = 'client backend'
			""";

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private final List<Sample> samples = new CopyOnWriteArrayList<>();

	private final String database;

	private final Connection connection;

	private final Thread thread;

	private volatile boolean closed;

	private Sessions(String database, Connection connection) {
		this.database = database;
		this.connection = connection;
		this.thread = new Thread(this::look, "sessions");
	}

	static Sessions watch(PostgresServer server, String database) throws SQLException {
		Sessions sessions = new Sessions(database, server.connect("postgres"));
		sessions.thread.start();
		return sessions;
	}

	private void look() {
		try (PreparedStatement query = this.connection.prepareStatement(QUERY)) {
			query.setString(1, this.database);
			query.setString(2, this.database);
			while (!this.closed) {
				try (ResultSet row = query.executeQuery()) {
					row.next();
					this.samples
						.add(new Sample(CountingProxy.microsNow(), row.getInt(1), row.getInt(2), row.getLong(3)));
				}
				LockSupport.parkNanos(PAUSE_NANOS);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What was seen in a period, in microseconds since the epoch. */
	List<Sample> samples(long from, long to) {
		return this.samples.stream().filter((sample) -> sample.micros() >= from && sample.micros() < to).toList();
	}

	/** The most that was seen at a time. */
	static Map<Metric, Double> peaks(List<Sample> samples) {
		Map<Metric, Double> values = new EnumMap<>(Metric.class);
		values.put(Metric.PEAK_CONNECTIONS, (double) samples.stream().mapToInt(Sample::connections).max().orElse(0));
		values.put(Metric.PEAK_IDLE, (double) samples.stream().mapToInt(Sample::idleInTransaction).max().orElse(0));
		return values;
	}

	@Override
	public void close() throws SQLException, InterruptedException {
		this.closed = true;
		this.thread.join();
		this.connection.close();
	}

	/**
	 * What was seen at a moment.
	 *
	 * @param micros the moment, in microseconds since the epoch
	 * @param connections sessions of the database
	 * @param idleInTransaction how many of them have a transaction in which nothing runs
	 * @param transactions transactions ended in this database until then
	 */
	record Sample(long micros, int connections, int idleInTransaction, long transactions) {

		/** How many transactions ended each second from one sample to a later one. */
		double transactionsPerSecond(Sample later) {
			return (later.transactions - this.transactions) * 1_000_000.0 / (later.micros - this.micros);
		}

	}

}
