package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Identifies the blocks that a process which died has left, to tell whether they are
 * still the same.
 *
 * @param journal identifier of the table that records them, 0 if there is none
 * @param entries what is recorded, empty if this role may not read it or it is dropped
 * meanwhile
 */
record LeftOver(long journal, List<RoleJournal.Entry> entries) {

	/** SQLSTATEs insufficient_privilege, and of a table that is dropped meanwhile. */
	private static final Set<String> UNREADABLE = Set.of("42501", "42P01");

	private static final String TABLE = """
			/*NO LOAD BALANCE*/ SELECT c.oid::bigint FROM pg_catalog.pg_class c \
			JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text""";

	/**
	 * Reads what is left over of a migration that did not end.
	 * @param connection the connection, in autocommit mode
	 * @param schema the schema of the table
	 * @param table the name of the table
	 * @param journal the table
	 * @return what is left
	 * @throws SQLException if the connection is lost
	 */
	static LeftOver read(Connection connection, String schema, String table, RoleJournal journal) throws SQLException {
		long oid = oid(connection, schema, table);
		try {
			return new LeftOver(oid, journal.read(connection, null));
		}
		catch (SQLException ex) {
			if (!isUnreadable(ex)) {
				throw ex;
			}
			return new LeftOver(oid, List.of());
		}
	}

	/** Whether this role may not read the record, or it is dropped meanwhile. */
	static boolean isUnreadable(SQLException failure) {
		return UNREADABLE.contains(String.valueOf(failure.getSQLState()));
	}

	private static long oid(Connection connection, String schema, String table) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(TABLE)) {
			statement.setString(1, schema);
			statement.setString(2, table);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() ? row.getLong(1) : 0;
			}
		}
	}

}
