package io.github.headlock.benchmark;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.PostgresServer;

/**
 * Looks at the sessions of a database until closed.
 */
final class Sessions extends Sampling<Sessions.Sample> {

	private static final String QUERY = """
			SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%'),
				(SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = ?)
			FROM pg_stat_activity WHERE datname = ? AND backend_type = 'client backend'
			""";

	private Sessions(PostgresServer server, String database) throws SQLException {
		super(server, "sessions", QUERY, database, database);
	}

	static Sessions watch(PostgresServer server, String database) throws SQLException {
		Sessions sessions = new Sessions(server, database);
		sessions.start();
		return sessions;
	}

	@Override
	Sample read(ResultSet row, long micros) throws SQLException {
		return new Sample(micros, row.getInt(1), row.getInt(2), row.getLong(3));
	}

	/** What was seen in a period, in microseconds since the epoch. */
	List<Sample> samples(long from, long to) {
		return samples().stream().filter((sample) -> sample.micros() >= from && sample.micros() < to).toList();
	}

	/** The most that was seen at a time. */
	static Map<Metric, Double> peaks(List<Sample> samples) {
		Map<Metric, Double> values = new EnumMap<>(Metric.class);
		values.put(Metric.PEAK_CONNECTIONS, (double) samples.stream().mapToInt(Sample::connections).max().orElse(0));
		values.put(Metric.PEAK_IDLE, (double) samples.stream().mapToInt(Sample::idleInTransaction).max().orElse(0));
		return values;
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
