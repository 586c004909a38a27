package io.github.headlock.benchmark;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.github.headlock.testbed.PostgresServer;

/**
 * Looks, until closed, at the WAL of a server, and at the CPU of the processes that work
 * for sessions of a database other than the benchmark's own.
 */
final class ServerUse extends Sampling<ServerUse.Sample> {

	private static final String QUERY = """
			SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, array(
				SELECT pid FROM pg_stat_activity
				WHERE datname = ? AND application_name <> ? AND backend_type IN ('client backend', 'parallel worker'))
			""";

	/** Also of those that have ended. */
	private final Map<Integer, Duration> cpu = new HashMap<>();

	private ServerUse(PostgresServer server, String database) throws SQLException {
		super(server, "server-use", QUERY, database, Traffic.APPLICATION_NAME);
	}

	static ServerUse watch(PostgresServer server, String database) throws SQLException {
		ServerUse use = new ServerUse(server, database);
		use.start();
		return use;
	}

	@Override
	Sample read(ResultSet row, long micros) throws SQLException {
		for (Integer process : (Integer[]) row.getArray(2).getArray()) {
			ProcessHandle.of(process)
				.flatMap((handle) -> handle.info().totalCpuDuration())
				.ifPresent((time) -> this.cpu.put(process, time));
		}
		return new Sample(micros, row.getLong(1), this.cpu.values().stream().mapToLong(Duration::toMillis).sum());
	}

	/** What was seen first at a moment or later, in microseconds since the epoch. */
	Sample at(long micros) {
		return samples().stream()
			.filter((sample) -> sample.micros() >= micros)
			.findFirst()
			.orElseGet(() -> samples().get(samples().size() - 1));
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
