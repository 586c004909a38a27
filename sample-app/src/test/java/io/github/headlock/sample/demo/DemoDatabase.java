package io.github.headlock.sample.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;

/**
 * A new PostgreSQL with an empty database, behind a PgBouncer where the machine has one.
 */
final class DemoDatabase implements AutoCloseable {

	private static final String NAME = "parcels";

	/**
	 * One for the lock, one for Flyway, and one through which all the others look. With
	 * two it works as well, but those who wait then do so in PgBouncer's queue, where the
	 * timeline could not show it.
	 */
	private static final int POOL_SIZE = 3;

	private final PostgresServer server;

	private final Optional<PgBouncer> pooler;

	private DemoDatabase(PostgresServer server, Optional<PgBouncer> pooler) {
		this.server = server;
		this.pooler = pooler;
	}

	static DemoDatabase start() {
		PostgresServer server = PostgresServer.start(Map.of("max_connections", "300"));
		try {
			server.createDatabase(NAME);
			return new DemoDatabase(server,
					PgBouncer.isInstalled() ? Optional.of(PgBouncer.start(server, POOL_SIZE)) : Optional.empty());
		}
		catch (RuntimeException ex) {
			server.close();
			throw ex;
		}
	}

	/** URL for the replicas. Older releases of PgBouncer know no prepared statements. */
	String url() {
		return this.pooler.map((pgBouncer) -> pgBouncer.url(NAME) + "?prepareThreshold=0")
			.orElseGet(() -> this.server.url(NAME));
	}

	/** How the replicas reach the database, in words. */
	String way() {
		return this.pooler.isPresent()
				? "through PgBouncer (transaction mode, %d server connections)".formatted(POOL_SIZE)
				: "without a pooler, because PgBouncer is not installed";
	}

	/** First column of every row, as text, asked straight from the server. */
	List<String> list(String sql) {
		try (Connection connection = this.server.connect(NAME);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			List<String> values = new ArrayList<>();
			while (row.next()) {
				values.add(row.getString(1));
			}
			return values;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

	/** Number in the only row. */
	int number(String sql) {
		return Integer.parseInt(list(sql).get(0));
	}

	int advisoryLocks() {
		return number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
	}

	@Override
	public void close() {
		try (this.server) {
			this.pooler.ifPresent(PgBouncer::close);
		}
	}

}
