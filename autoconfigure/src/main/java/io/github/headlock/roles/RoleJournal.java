package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ApplicationName;
import org.jspecify.annotations.Nullable;

/**
 * Records which roles a migration blocks. A role is blocked and recorded in one
 * transaction, and unblocked and struck off in one, so that every process that finds the
 * table knows what to undo.
 */
final class RoleJournal {

	/**
	 * Takes over what another process has recorded of the same role here, which had the
	 * lock before, and whose COMMIT came late. How that has blocked the role stays: it is
	 * what will be undone.
	 */
	private static final String RECORD = """
			INSERT INTO %s (role, role_name, block_with, database, cluster, run, blocked_by) \
			SELECT r.oid, r.rolname, '%s', d.oid, c.id, ?::pg_catalog.uuid, ?::pg_catalog.text \
			FROM pg_catalog.pg_roles r \
			JOIN pg_catalog.pg_database d ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			CROSS JOIN (SELECT ?::bigint AS id) c \
			WHERE r.oid OPERATOR(pg_catalog.=) ANY (?::pg_catalog.oid[]) AND (%s \
			OR EXISTS (SELECT FROM %1$s j WHERE j.role OPERATOR(pg_catalog.=) r.oid \
			AND j.role_name OPERATOR(pg_catalog.=) r.rolname AND j.database OPERATOR(pg_catalog.=) d.oid \
			AND coalesce(j.cluster OPERATOR(pg_catalog.=) c.id, j.cluster IS NULL AND c.id IS NULL))) \
			ON CONFLICT (role) DO UPDATE SET role_name = excluded.role_name, database = excluded.database, \
			cluster = excluded.cluster, run = excluded.run, blocked_by = excluded.blocked_by, \
			blocked_at = excluded.blocked_at, backend_pid = NULL, backend_start = NULL, backend_role = NULL \
			RETURNING role::bigint, role_name::pg_catalog.text, run, \
			CASE WHEN block_with OPERATOR(pg_catalog.=) 'NOLOGIN' THEN pg_catalog.format('ALTER ROLE %%I NOLOGIN', role_name) \
			ELSE pg_catalog.format('REVOKE CONNECT ON DATABASE %%I FROM %%I', pg_catalog.current_database(), role_name) END""";

	/** Only roles that can log in are recorded, so that no other ever gets LOGIN. */
	private static final String CAN_LOG_IN = "r.rolcanlogin";

	private static final String WAS_GRANTED_CONNECT = """
			EXISTS (SELECT FROM pg_catalog.aclexplode(d.datacl) a WHERE a.grantee OPERATOR(pg_catalog.=) r.oid \
			AND a.privilege_type OPERATOR(pg_catalog.=) 'CONNECT')""";

	private static final String UNBLOCK = """
			CASE WHEN %s OPERATOR(pg_catalog.=) 'NOLOGIN' THEN pg_catalog.format('ALTER ROLE %%I LOGIN', r.rolname) \
			ELSE pg_catalog.format('GRANT CONNECT ON DATABASE %%I TO %%I', pg_catalog.current_database(), r.rolname) END""";

	/**
	 * The row goes first, so that of two who do this at once the second finds nothing to
	 * do. One that came with a copy of another database is not ours to undo: there, the
	 * same identifier may mean another role. What this process has recorded itself is. If
	 * the server's identifier is unknown, of now or of then, a role of another name may
	 * be either, and the last column is null.
	 */
	private static final String STRIKE_OFF = """
			WITH struck AS (DELETE FROM %s WHERE role OPERATOR(pg_catalog.=) ?::pg_catalog.oid \
			AND run OPERATOR(pg_catalog.=) ?::pg_catalog.uuid RETURNING *) \
			SELECT %s, r.rolname, ?::boolean OR r.rolname OPERATOR(pg_catalog.=) s.role_name \
			OR s.cluster OPERATOR(pg_catalog.=) ?::bigint \
			FROM struck s JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.role \
			JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.database \
			WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()""";

	private static final String RECORD_SESSION = """
			UPDATE %s SET (backend_pid, backend_start, backend_role) = (SELECT a.pid, a.backend_start, a.usesysid \
			FROM pg_catalog.pg_stat_activity a WHERE a.pid OPERATOR(pg_catalog.=) ?::int) WHERE run OPERATOR(pg_catalog.=) ?::pg_catalog.uuid""";

	/**
	 * The session that was recorded, whose start may be hidden from other roles. Or one
	 * of this role that is at work for so long that it may be a migration: behind a
	 * pooler, none is recorded, and a statement without a transaction holds no lock.
	 */
	private static final String SESSION_EXISTS = """
			/*NO LOAD BALANCE*/ SELECT a.pid::pg_catalog.text FROM pg_catalog.pg_stat_activity a \
			WHERE a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() AND (EXISTS (SELECT FROM %s j \
			WHERE a.pid OPERATOR(pg_catalog.=) j.backend_pid AND a.usesysid OPERATOR(pg_catalog.=) j.backend_role \
			AND coalesce(a.backend_start OPERATOR(pg_catalog.=) j.backend_start, true)) \
			OR a.usename OPERATOR(pg_catalog.=) session_user AND a.state OPERATOR(pg_catalog.<>) 'idle' \
			AND a.query_start OPERATOR(pg_catalog.<) (pg_catalog.clock_timestamp() \
			OPERATOR(pg_catalog.-) '10 s'::pg_catalog.interval)) LIMIT 1""";

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	private static final String UNBLOCK_UNRECORDED = """
			SELECT %s FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) ?::pg_catalog.oid""";

	private final RoleJournalTable table;

	RoleJournal(HistoryTable history) {
		this.table = new RoleJournalTable(history);
	}

	RoleJournalTable table() {
		return this.table;
	}

	/** What identifies all that is recorded, also for a role that may not read it. */
	LeftOver leftOver(Connection connection) throws SQLException {
		return LeftOver.read(connection, this.table.schema(), this.table.table(), this);
	}

	/**
	 * Blocks roles and records it, in the transaction that is open on the connection,
	 * which waits for no standby: if it is lost in a failover, both are.
	 * @param connection the connection
	 * @param run identifies the process that blocks
	 * @param blockWith how to block
	 * @param roles identifiers of the roles
	 * @return those that were not blocked already, or were by another process
	 */
	List<Entry> block(Connection connection, UUID run, BlockMode blockWith, List<Long> roles) throws SQLException {
		RoleJournalTable.execute(connection, "SET LOCAL synchronous_commit = local");
		this.table.ensureExists(connection);
		try (PreparedStatement statement = connection.prepareStatement(record(blockWith))) {
			statement.setObject(1, run);
			statement.setString(2, ApplicationName.ofThisProcess());
			statement.setObject(3, ClusterIdentifier.read(connection), Types.BIGINT);
			statement.setArray(4, connection.createArrayOf("bigint", roles.toArray()));
			List<Entry> blocked = new ArrayList<>();
			List<String> blocks = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					blocked.add(entry(row));
					blocks.add(row.getString(4));
				}
			}
			for (String block : blocks) {
				RoleJournalTable.execute(connection, block);
			}
			return blocked;
		}
	}

	/**
	 * Records the session that migrates, in the transaction that is open on the
	 * connection.
	 * @param connection the connection
	 * @param run identifies the process that migrates
	 * @param pid process id of its session's server process
	 * @return whether there is a record
	 */
	boolean recordSession(Connection connection, UUID run, int pid) throws SQLException {
		if (!this.table.exists(connection)) {
			return false;
		}
		RoleJournalTable.execute(connection, "SET LOCAL synchronous_commit = local");
		try (PreparedStatement statement = connection
			.prepareStatement(String.format(Locale.ROOT, RECORD_SESSION, this.table.name()))) {
			statement.setInt(1, pid);
			statement.setObject(2, run);
			return statement.executeUpdate() > 0;
		}
	}

	/**
	 * Returns whether a session that migrated when it was recorded is still there, or
	 * another one of this role has been at work for ten seconds.
	 * @param connection the connection, in autocommit mode or with a savepoint
	 * @return {@code false} if there is none, or this role may not read the record
	 * @throws SQLException if the connection is lost
	 */
	boolean isSessionLeft(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement(String.format(Locale.ROOT, SESSION_EXISTS, this.table.name()))) {
			return !RoleJournalTable.readColumn(statement).isEmpty();
		}
		catch (SQLException ex) {
			if (LeftOver.isUnreadable(ex)) {
				return false;
			}
			throw ex;
		}
	}

	private String record(BlockMode blockWith) {
		String mayConnect = switch (blockWith) {
			case NOLOGIN -> CAN_LOG_IN;
			case REVOKE_CONNECT -> WAS_GRANTED_CONNECT;
		};
		return String.format(Locale.ROOT, RECORD, this.table.name(), blockWith, mayConnect);
	}

	/** What is recorded, of one run or, if that is {@code null}, of all. */
	List<Entry> read(Connection connection, @Nullable UUID run) throws SQLException {
		List<Entry> entries = new ArrayList<>();
		if (!this.table.exists(connection) || this.table.isKnownToBeEmpty(connection)) {
			return entries;
		}
		String sql = String.format(Locale.ROOT,
				"SELECT role::bigint, role_name::pg_catalog.text, run FROM %s ORDER BY role_name", this.table.name());
		try (PreparedStatement statement = connection.prepareStatement(sql); ResultSet row = statement.executeQuery()) {
			while (row.next()) {
				Entry entry = entry(row);
				if (run == null || run.equals(entry.run())) {
					entries.add(entry);
				}
			}
		}
		return entries;
	}

	/**
	 * Unblocks a role and strikes it off, in the transaction that is open on the
	 * connection.
	 * @param connection the connection
	 * @param entry what {@link #read} found
	 * @param own whether this process has blocked it
	 * @return whether it was still to be done, and was
	 * @throws SQLException if the database refuses, or the role has another name and the
	 * server has no identifier that tells whether it is the same
	 */
	boolean unblock(Connection connection, Entry entry, boolean own) throws SQLException {
		if (!this.table.exists(connection)) {
			return false;
		}
		try (PreparedStatement statement = connection.prepareStatement(String.format(Locale.ROOT, STRIKE_OFF,
				this.table.name(), String.format(Locale.ROOT, UNBLOCK, "s.block_with")))) {
			statement.setLong(1, entry.role());
			statement.setObject(2, entry.run());
			statement.setBoolean(3, own);
			statement.setObject(4, ClusterIdentifier.read(connection), Types.BIGINT);
			String unblock = null;
			try (ResultSet row = statement.executeQuery()) {
				if (row.next()) {
					unblock = isSame(row, entry) ? row.getString(1) : null;
				}
			}
			if (unblock != null) {
				RoleJournalTable.execute(connection, unblock);
			}
			return unblock != null;
		}
	}

	private static boolean isSame(ResultSet row, Entry entry) throws SQLException {
		boolean same = row.getBoolean(3);
		if (row.wasNull()) {
			throw new SQLException(String.format(Locale.ROOT,
					"role \"%s\" is recorded as \"%s\", and where pg_control_system() may not be called, "
							+ "it cannot be told whether it is the same role",
					PrintableText.name(row.getString(2)), entry.name()), INSUFFICIENT_PRIVILEGE);
		}
		return same;
	}

	/**
	 * Unblocks a role of which a migration has destroyed the record, in the transaction
	 * that is open on the connection.
	 */
	void unblockUnrecorded(Connection connection, Entry entry, BlockMode blockWith) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(String.format(Locale.ROOT, UNBLOCK_UNRECORDED,
				String.format(Locale.ROOT, UNBLOCK, "'" + blockWith + "'")))) {
			statement.setLong(1, entry.role());
			for (String sql : RoleJournalTable.readColumn(statement)) {
				RoleJournalTable.execute(connection, sql);
			}
		}
	}

	private static Entry entry(ResultSet row) throws SQLException {
		return new Entry(row.getLong(1), row.getString(2), row.getObject(3, UUID.class));
	}

	/**
	 * A role that is blocked.
	 *
	 * @param role its identifier
	 * @param name its name when it was blocked
	 * @param run identifies the process that blocked it
	 */
	record Entry(long role, String name, UUID run) {

		Entry {
			name = PrintableText.name(name);
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

}
