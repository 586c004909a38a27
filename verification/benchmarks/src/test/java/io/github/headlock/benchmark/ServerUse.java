package io.github.headlock.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.PostgresServer;

/**
 * Looks, 50 times a second until closed, at the WAL of a server, and at the CPU of the
 * processes that work for sessions of a database other than the benchmark's own.
 */
final class ServerUse implements AutoCloseable {

	private static final String QUERY = """
			SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, array(
				SELECT pid FROM pg_stat_activity
				WHERE datname = ? AND application_name <> ? AND backend_type IN ('client backend', 'parallel worker'))
			""";

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private final List<Sample> samples = new CopyOnWriteArrayList<>();

	/** Also of those that have ended. */
	private final Map<Integer, Duration> cpu = new HashMap<>();

	private final String database;

	private final Connection connection;

	private final Thread thread;

	private volatile boolean closed;

	private ServerUse(String database, Connection connection) {
		this.database = database;
		this.connection = connection;
		this.thread = new Thread(this::look, "server-use");
	}

	static ServerUse watch(PostgresServer server, String database) throws SQLException {
		ServerUse use = new ServerUse(database, server.connect("postgres"));
		use.thread.start();
		return use;
	}

	private void look() {
		try (PreparedStatement query = this.connection.prepareStatement(QUERY)) {
			query.setString(1, this.database);
			query.setString(2, Traffic.APPLICATION_NAME);
			while (!this.closed) {
				try (ResultSet row = query.executeQuery()) {
					row.next();
					for (Integer process : (Integer[]) row.getArray(2).getArray()) {
						ProcessHandle.of(process)
							.flatMap((handle) -> handle.info().totalCpuDuration())
							.ifPresent((time) -> this.cpu.put(process, time));
					}
					this.samples.add(new Sample(CountingProxy.microsNow(), row.getLong(1), cpuMillis()));
				}
				LockSupport.parkNanos(PAUSE_NANOS);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private long cpuMillis() {
		return this.cpu.values().stream().mapToLong(Duration::toMillis).sum();
	}

	/** What was seen first at a moment or later, in microseconds since the epoch. */
	Sample at(long micros) {
		return this.samples.stream()
			.filter((sample) -> sample.micros() >= micros)
			.findFirst()
			.orElseGet(() -> this.samples.get(this.samples.size() - 1));
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
	 * @param wal bytes of WAL written until then
	 * @param cpuMillis CPU of the processes until then, in milliseconds
	 */
	record Sample(long micros, long wal, long cpuMillis) {

	}

}
