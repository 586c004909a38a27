package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.jspecify.annotations.Nullable;

/**
 * Reads the identifier that a server shares with its standbys and with no other server.
 */
final class ClusterIdentifier {

	/** Asked before, because what is refused would end the transaction. */
	private static final String MAY_READ = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')""";

	private static final String READ = "/*NO LOAD BALANCE*/ SELECT system_identifier FROM pg_catalog.pg_control_system()";

	private ClusterIdentifier() {
	}

	/**
	 * Reads it, in the transaction that is open on the connection.
	 * @param connection the connection
	 * @return the identifier, {@code null} if this role may not ask for it
	 * @throws SQLException if the connection is lost
	 */
	static @Nullable Long read(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			try (ResultSet row = statement.executeQuery(MAY_READ)) {
				row.next();
				if (!row.getBoolean(1)) {
					return null;
				}
			}
			try (ResultSet row = statement.executeQuery(READ)) {
				row.next();
				return row.getLong(1);
			}
		}
	}

}
