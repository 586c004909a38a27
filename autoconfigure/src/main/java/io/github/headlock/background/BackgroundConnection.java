package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;

import org.postgresql.PGConnection;

/**
 * Prepares a connection for work that takes longer than a read.
 */
final class BackgroundConnection {

	private BackgroundConnection() {
	}

	/**
	 * Prepares it: statements are not prepared on the server, because a pooler may know
	 * nothing of them.
	 */
	static void prepare(Connection connection) throws SQLException {
		if (connection.isWrapperFor(PGConnection.class)) {
			connection.unwrap(PGConnection.class).setPrepareThreshold(0);
		}
	}

}
