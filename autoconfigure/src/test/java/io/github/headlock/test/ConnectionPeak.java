package io.github.headlock.test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.testbed.PostgresServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Watches how many connections a database has, over and over, on one of its own to
 * another database.
 */
public final class ConnectionPeak implements AutoCloseable {

	private static final long INTERVAL_MILLIS = 20;

	private final Connection connection;

	private final String database;

	private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();

	private volatile int peak;

	private volatile long sessions;

	private final AtomicInteger samples = new AtomicInteger();

	private final Future<?> sampling;

	private ConnectionPeak(Connection connection, String database) {
		this.connection = connection;
		this.database = database;
		this.sampling = this.executor.scheduleWithFixedDelay(this::sample, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
	}

	public static ConnectionPeak watch(PostgresServer server, String database) throws SQLException {
		return new ConnectionPeak(server.connect("postgres"), database);
	}

	private void sample() {
		try (Statement statement = this.connection.createStatement();
				ResultSet row = statement.executeQuery("SELECT numbackends, sessions FROM pg_stat_database "
						+ "WHERE datname = '" + this.database + "'")) {
			row.next();
			this.peak = Math.max(this.peak, row.getInt(1));
			this.sessions = row.getLong(2);
			this.samples.incrementAndGet();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Most connections at once that were seen. Fails if it could not look to the end. */
	public int peak() {
		assertThat(this.sampling).as("the sampling, which ends once it fails").isNotDone();
		return this.peak;
	}

	@Override
	public String toString() {
		return "%d connections, in %d samples; %d connections in all".formatted(this.peak, this.samples.get(),
				this.sessions);
	}

	@Override
	public void close() throws SQLException {
		this.executor.shutdownNow();
		this.connection.close();
	}

}
