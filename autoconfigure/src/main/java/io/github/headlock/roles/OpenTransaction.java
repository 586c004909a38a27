package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * A transaction of this role, as other sessions see it until it is over. A COMMIT that
 * waits for a standby is not over.
 *
 * @param pid process id of its server process
 * @param id virtual id of the transaction, which no other on the server has
 */
record OpenTransaction(int pid, String id) {

	private static final String OF = """
			/*NO LOAD BALANCE*/ SELECT l.pid, l.virtualtransaction FROM pg_catalog.pg_locks l \
			WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() \
			AND l.locktype OPERATOR(pg_catalog.=) 'virtualxid' AND l.granted \
			AND l.virtualxid OPERATOR(pg_catalog.=) l.virtualtransaction""";

	private static final String ITSELF = """
			FROM pg_catalog.pg_locks l WHERE l.pid OPERATOR(pg_catalog.=) ? \
			AND l.locktype OPERATOR(pg_catalog.=) 'virtualxid' AND l.virtualxid OPERATOR(pg_catalog.=) ? \
			AND l.virtualtransaction OPERATOR(pg_catalog.=) l.virtualxid""";

	private static final String EXISTS = String.format(Locale.ROOT, "/*NO LOAD BALANCE*/ SELECT true %s", ITSELF);

	private static final String TERMINATE = String.format(Locale.ROOT,
			"/*NO LOAD BALANCE*/ SELECT pg_catalog.pg_terminate_backend(l.pid) %s", ITSELF);

	private static final String END_WAIT = String.format(Locale.ROOT, """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.pg_cancel_backend(l.pid) %s \
			AND EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.pid OPERATOR(pg_catalog.=) l.pid \
			AND a.wait_event OPERATOR(pg_catalog.=) 'SyncRep')""", ITSELF);

	/** The one that is open on a connection. */
	static OpenTransaction on(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(OF)) {
			row.next();
			return new OpenTransaction(row.getInt(1), row.getString(2));
		}
	}

	/** Returns whether it is over, in the eyes of another connection. */
	boolean isOver(Connection other) throws SQLException {
		return !isTrue(other, EXISTS);
	}

	/** Tells its session to end, over another connection, without waiting for it. */
	void terminate(Connection other) throws SQLException {
		isTrue(other, TERMINATE);
	}

	/**
	 * Ends its wait for a synchronous standby, over another connection: it is committed
	 * then, on this server.
	 * @return whether it was waiting
	 */
	boolean endWaitForStandby(Connection other) throws SQLException {
		return isTrue(other, END_WAIT);
	}

	private boolean isTrue(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setInt(1, this.pid);
			statement.setString(2, this.id);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

}
