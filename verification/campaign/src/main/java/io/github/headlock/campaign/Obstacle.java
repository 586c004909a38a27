package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

import org.postgresql.PGConnection;

/**
 * StepBarriers whoever wants to block the application's role or to let it in, by a
 * transaction that alters the same; who creates an index concurrently, which waits for
 * all transactions that write to its table; or who alters a table, by one that has read
 * it.
 */
final class Obstacle implements AutoCloseable {

	private final Connection connection;

	private Obstacle(Connection connection) {
		this.connection = connection;
	}

	static Obstacle beforeRoles(Blocking blocking, RoundDatabase database) throws SQLException {
		return of(
				(blocking == Blocking.REVOKE)
						? String.format(Locale.ROOT, "GRANT TEMPORARY ON DATABASE %s TO %s", database.name(),
								database.migrator())
						: String.format(Locale.ROOT, "ALTER ROLE %s CONNECTION LIMIT 50", database.application()),
				database);
	}

	static Obstacle beforeIndex(RoundDatabase database) throws SQLException {
		return of("LOCK TABLE effect IN ROW EXCLUSIVE MODE", database);
	}

	static Obstacle beforeTable(RoundDatabase database) throws SQLException {
		return of("LOCK TABLE visit IN ACCESS SHARE MODE", database);
	}

	private static Obstacle of(String sql, RoundDatabase database) throws SQLException {
		Connection connection = database.connect();
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET application_name = 'obstacle'");
			statement.execute(sql);
		}
		return new Obstacle(connection);
	}

	int pid() throws SQLException {
		return this.connection.unwrap(PGConnection.class).getBackendPID();
	}

	@Override
	public void close() throws SQLException {
		try (this.connection) {
			if (this.connection.isValid(1)) {
				this.connection.rollback();
			}
		}
	}

}
