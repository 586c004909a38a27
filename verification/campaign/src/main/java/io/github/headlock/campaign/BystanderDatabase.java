package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.headlock.testbed.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * Another database of the server, which must never notice: a session of the application's
 * role in it that holds the same advisory key, a table, and what is common to all
 * databases.
 */
final class BystanderDatabase implements AutoCloseable {

	private static final String DATABASE = "neighbour";

	private static final String FINGERPRINT = """
			SELECT (SELECT md5(string_agg(id || text, ',' ORDER BY id)) FROM precious) || (SELECT count(*) FROM pg_class)""";

	private static final String DATABASES = """
			SELECT md5(string_agg(d::text, ',' ORDER BY d.oid)) FROM \
			(SELECT oid, datname, datdba, datallowconn, datconnlimit, datacl FROM pg_database WHERE datname <> ?) d""";

	/**
	 * A session may be kept out, so LOGIN of the round's own roles is looked at
	 * elsewhere.
	 */
	private static final String ROLES = """
			SELECT md5(string_agg(concat_ws(' ', oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, \
			rolreplication, rolbypassrls, rolconnlimit, rolpassword, rolvaliduntil, \
			CASE WHEN rolname NOT IN (?, ?) THEN rolcanlogin END), ',' ORDER BY oid)) FROM pg_authid""";

	private static final String MEMBERSHIPS = """
			SELECT md5(string_agg(m::text, ',' ORDER BY m::text)) FROM pg_auth_members m""";

	private static final String SETTINGS = """
			SELECT md5(string_agg(s::text, ',' ORDER BY s::text)) FROM pg_db_role_setting s""";

	private final PostgresServer server;

	private final RoundDatabase round;

	private final Map<String, String> before;

	/** What was seen before the server was restarted, which ends the session. */
	private final List<String> earlier = new ArrayList<>();

	private @Nullable Connection session;

	private BystanderDatabase(PostgresServer server, RoundDatabase round) throws SQLException {
		this.server = server;
		this.round = round;
		this.before = look();
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
	static BystanderDatabase of(PostgresServer server, RoundDatabase round) throws SQLException {
		return new BystanderDatabase(server, round);
	}

	/**
	 * Before a restart of the server, after which nothing is to be seen of the session.
	 */
	void beforeRestart() {
		this.earlier.addAll(damageNow());
	}

	/**
	 * After a restart of the server, which ends all sessions. Where the application's
	 * role may not log in now it is another's.
	 */
	void openSessionAgain() throws SQLException {
		close();
		try {
			openSession(this.round.application());
		}
		catch (SQLException ex) {
			openSession("bystander");
		}
	}

	private void openSession(String role) throws SQLException {
		this.session = DriverManager.getConnection(this.server.url(DATABASE), role, "");
		RoundDatabase.list(this.session, "SELECT pg_advisory_lock(?)", Observer.LOCK_KEY);
	}

	/** What was done to it, in words. */
	List<String> damage() {
		Set<String> damage = new LinkedHashSet<>(this.earlier);
		damage.addAll(damageNow());
		return List.copyOf(damage);
	}

	private List<String> damageNow() {
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
			Map<String, String> now = look();
			now.forEach((thing, seen) -> {
				if (!seen.equals(this.before.get(thing))) {
					damage.add(thing + " changed");
				}
			});
		}
		catch (SQLException ex) {
			damage.add("another database does not answer: " + ex.getMessage());
		}
		return damage;
	}

	private Map<String, String> look() throws SQLException {
		Map<String, String> seen = new LinkedHashMap<>();
		seen.put("another database was", ask(FINGERPRINT));
		seen.put("privileges or attributes of other databases were", ask(DATABASES, this.round.name()));
		seen.put("attributes of roles were", ask(ROLES, this.round.migrator(), this.round.application()));
		seen.put("memberships of roles were", ask(MEMBERSHIPS));
		seen.put("settings of roles or databases were", ask(SETTINGS));
		return seen;
	}

	private String ask(String sql, Object... parameters) throws SQLException {
		try (Connection connection = this.server.connect(DATABASE)) {
			// null where there is nothing
			return String.valueOf(RoundDatabase.list(connection, sql, parameters).get(0));
		}
	}

	@Override
	public void close() throws SQLException {
		if (this.session != null) {
			this.session.close();
		}
	}

}
