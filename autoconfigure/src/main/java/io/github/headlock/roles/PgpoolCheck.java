package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.headlock.jdbc.ConnectionFailure;
import org.postgresql.core.BaseStatement;
import org.postgresql.core.QueryExecutor;

/**
 * Recognises pgpool-II between a connection and its server. It passes the server's own
 * process id on, so that the facts of the server do not tell.
 */
final class PgpoolCheck {

	/** An error on PostgreSQL, which also passes through PgBouncer without effect. */
	private static final String SQL = "SHOW pool_version";

	private PgpoolCheck() {
	}

	/**
	 * Asks whether pgpool-II is between.
	 * @param connection a connection to a server that speaks PostgreSQL's protocol, in
	 * autocommit mode, because the answer of a server is an error
	 * @return {@code false} if it is not
	 * @throws SQLException if the connection is lost
	 */
	static boolean isBetween(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			if (statement.isWrapperFor(BaseStatement.class)) {
				// in the extended protocol, pgpool-II passes it on to the server
				statement.unwrap(BaseStatement.class).executeWithFlags(SQL, QueryExecutor.QUERY_EXECUTE_AS_SIMPLE);
			}
			else {
				statement.execute(SQL);
			}
			return true;
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex)) {
				throw ex;
			}
			return false;
		}
	}

}
