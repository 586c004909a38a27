package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.headlock.testbed.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * Sees from another database who does what in that of a round, whatever is refused there,
 * and again as soon as the server is back. To be used by one thread.
 */
final class Observer implements AutoCloseable {

	/** Flyway's lock of the history table in the schema {@code public}. */
	static final long LOCK_KEY = 0x466C79776179L + "\"public\".\"flyway_schema_history\"".hashCode();

	private static final String SESSION = """
			SELECT l.pid || ' ' || regexp_replace(a.application_name, '^headlock ', '') \
			FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
			WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = ?) AND\s""";

	private final PostgresServer server;

	private final String database;

	private @Nullable Connection connection;

	Observer(PostgresServer server, String database) {
		this.server = server;
		this.database = database;
	}

	/** Who holds the migration lock. */
	Optional<Session> lockHolder() {
		return session(SESSION + "l.granted AND l.objsubid = 1 AND l.classid::bigint = ? AND l.objid::bigint = ?",
				this.database, LOCK_KEY >>> 32, LOCK_KEY & 0xFFFFFFFFL);
	}

	/** Whose migration waits at a gate. */
	Optional<Session> atGate(int gate) {
		return session(SESSION + "NOT l.granted AND l.objsubid = 2 AND l.classid = 1 AND l.objid::bigint = ?",
				this.database, (long) gate);
	}

	/** Whether a migration waits at any gate but this one. */
	boolean isAtAnotherGate(int gate) {
		return session(SESSION + "NOT l.granted AND l.objsubid = 2 AND l.classid = 1 AND l.objid::bigint <> ?",
				this.database, (long) gate)
			.isPresent();
	}

	/** Who waits for a session. */
	Optional<Session> blockedBy(int pid) {
		return session("SELECT pid || ' ' || regexp_replace(application_name, '^headlock ', '') FROM pg_stat_activity "
				+ "WHERE datname = ? AND ? = ANY (pg_blocking_pids(pid))", this.database, pid);
	}

	/** A session of this process that does not hold the lock. */
	Optional<Session> otherSession(Session holder, String role) {
		return session(
				"SELECT pid || ' ' || regexp_replace(application_name, '^headlock ', '') FROM pg_stat_activity "
						+ "WHERE datname = ? AND usename = ? AND pid <> ? AND "
						+ "regexp_replace(application_name, '^headlock ', '') = ?",
				this.database, role, holder.pid(), holder.replica());
	}

	/** Whether roles may log in, as the server sees it. */
	boolean mayLogIn(String role) {
		return !list("SELECT 1 FROM pg_roles WHERE rolname = ? AND rolcanlogin "
				+ "AND has_database_privilege(rolname, ?, 'CONNECT')", role, this.database)
			.isEmpty();
	}

	void terminate(Session session) {
		list("SELECT pg_terminate_backend(?)", session.pid());
	}

	void execute(String statement) {
		list("SELECT 1");
		try (var use = open().createStatement()) {
			use.execute(statement);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(statement, ex);
		}
	}

	private Optional<Session> session(String sql, Object... parameters) {
		return list(sql, parameters).stream().findFirst().map(Session::parse);
	}

	/** With a new connection if the server was restarted. */
	List<String> list(String sql, Object... parameters) {
		return Wait.atMost(Duration.ofSeconds(30), "the server to answer", () -> {
			try {
				return Optional.of(RoundDatabase.list(open(), sql, parameters));
			}
			catch (SQLException ex) {
				close();
				return Optional.empty();
			}
		});
	}

	private Connection open() throws SQLException {
		if (this.connection == null) {
			this.connection = this.server.connect("postgres");
			try (Statement statement = this.connection.createStatement()) {
				// a campaign that waits for itself is to end with an error
				statement.execute("SET statement_timeout = '30s'");
			}
		}
		return this.connection;
	}

	@Override
	public void close() {
		Connection old = this.connection;
		this.connection = null;
		try {
			if (old != null) {
				old.close();
			}
		}
		catch (SQLException ex) {
			// it was broken
		}
	}

	/**
	 * A session of a replica.
	 *
	 * @param pid process id of its server process
	 * @param replica name of the replica
	 */
	record Session(int pid, String replica) {

		static Session parse(String text) {
			int space = text.indexOf(' ');
			return new Session(Integer.parseInt(text.substring(0, space)), text.substring(space + 1));
		}

	}

}
