package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.testbed.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * Another database of the server, which must never notice: a session of the application's
 * role in it that holds the same advisory key, a table, and all other roles.
 */
final class Neighbour implements AutoCloseable {

	private static final String DATABASE = "neighbour";

	private static final String FINGERPRINT = """
			SELECT (SELECT md5(string_agg(id || text, ',' ORDER BY id)) FROM precious) || (SELECT count(*) FROM pg_class)""";

	private static final String ROLES = """
			SELECT md5(string_agg(a::text, ',' ORDER BY a.oid)) FROM pg_authid a WHERE a.rolname NOT IN (?, ?)""";

	private final PostgresServer server;

	private final RoundDatabase round;

	private final String fingerprint;

	private final String roles;

	private @Nullable Connection session;

	private Neighbour(PostgresServer server, RoundDatabase round) throws SQLException {
		this.server = server;
		this.round = round;
		this.fingerprint = ask(FINGERPRINT);
		this.roles = ask(ROLES, round.migrator(), round.application());
		openSession(round.application());
	}

	/** Creates the database, once for all rounds. */
	static void create(PostgresServer server) throws SQLException {
		server.createDatabase(DATABASE);
		try (Connection connection = server.connect(DATABASE); Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE precious AS SELECT i AS id, md5(i::text) AS text FROM "
					+ "generate_series(1, 100) AS i");
			statement.execute("CREATE ROLE bystander LOGIN CREATEDB CONNECTION LIMIT 7");
			statement.execute("CREATE ROLE locked_out NOLOGIN");
		}
	}

	/** Remembers how things are. */
	static Neighbour of(PostgresServer server, RoundDatabase round) throws SQLException {
		return new Neighbour(server, round);
	}

	/**
	 * After a restart of the server, which ends all sessions. The application's role may
	 * be blocked now, so it is another's.
	 */
	void openSessionAgain() throws SQLException {
		close();
		openSession("bystander");
	}

	private void openSession(String role) throws SQLException {
		this.session = DriverManager.getConnection(this.server.url(DATABASE), role, "");
		RoundDatabase.list(this.session, "SELECT pg_advisory_lock(?)", Observer.LOCK_KEY);
	}

	/** What was done to it, in words. */
	List<String> damage() {
		List<String> damage = new ArrayList<>();
		try {
			if (this.session == null || !RoundDatabase
				.list(this.session,
						"SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() "
								+ "AND locktype = 'advisory' AND granted")
				.equals(List.of("1"))) {
				damage.add("the advisory lock of a session in another database is gone");
			}
		}
		catch (SQLException ex) {
			damage.add("a session in another database was ended: " + ex.getMessage());
		}
		try {
			if (!ask(FINGERPRINT).equals(this.fingerprint)) {
				damage.add("another database was changed");
			}
			if (!ask(ROLES, this.round.migrator(), this.round.application()).equals(this.roles)) {
				damage.add("other roles were changed");
			}
		}
		catch (SQLException ex) {
			damage.add("another database does not answer: " + ex.getMessage());
		}
		return damage;
	}

	private String ask(String sql, Object... parameters) throws SQLException {
		try (Connection connection = this.server.connect(DATABASE)) {
			return RoundDatabase.list(connection, sql, parameters).get(0);
		}
	}

	@Override
	public void close() throws SQLException {
		if (this.session != null) {
			this.session.close();
		}
	}

}
