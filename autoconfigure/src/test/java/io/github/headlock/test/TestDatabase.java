package io.github.headlock.test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.Pgpool;
import io.github.headlock.testbed.PostgresServer;
import org.awaitility.Awaitility;
import org.postgresql.PGConnection;

/**
 * An empty database of its own for one test, on a server that all tests of the JVM share.
 */
public final class TestDatabase {

	private static final AtomicInteger NUMBERS = new AtomicInteger();

	private static final Queue<TestDatabase> CREATED = new ConcurrentLinkedQueue<>();

	private final String name = "test_" + NUMBERS.incrementAndGet();

	private final PostgresServer server;

	private TestDatabase(PostgresServer server) {
		this.server = server;
		server.createDatabase(this.name);
	}

	/**
	 * Creates an empty database.
	 * @return the database
	 */
	public static TestDatabase create() {
		TestDatabase database = new TestDatabase(Server.POSTGRES);
		CREATED.add(database);
		return database;
	}

	/**
	 * Creates an empty database on a server of the test's own.
	 * @param server the server
	 * @return the database
	 */
	public static TestDatabase on(PostgresServer server) {
		return new TestDatabase(server);
	}

	/** Drops all databases, whoever uses them still. */
	static void dropAll() {
		for (TestDatabase database = CREATED.poll(); database != null; database = CREATED.poll()) {
			try (Connection connection = Server.POSTGRES.connect("postgres");
					Statement statement = connection.createStatement()) {
				// forced, it would wait for them for 5 s only
				statement.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '%s'"
					.formatted(database.name));
				statement.execute("DROP DATABASE " + database.name + " WITH (FORCE)");
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	public String name() {
		return this.name;
	}

	/** Major version of the server. */
	public int majorVersion() {
		return Integer.parseInt(value("SELECT current_setting('server_version_num')::int / 10000"));
	}

	/** Address that the server sees this machine's sessions come from. */
	public String clientAddress() {
		return value("SELECT host(inet_client_addr())");
	}

	/** URL straight to the server. */
	public String url() {
		return this.server.url(this.name);
	}

	/** URL through a PgBouncer with two server connections. */
	public String pooledUrl() {
		return Pooler.PGBOUNCER.url(this.name);
	}

	/** A session of its own, straight to the server, as superuser. */
	public Connection connect() throws SQLException {
		return this.server.connect(this.name);
	}

	public void execute(String... statements) {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** First column of every row, as text. */
	public List<String> list(String sql, Object... parameters) {
		try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < parameters.length; i++) {
				statement.setObject(i + 1, parameters[i]);
			}
			List<String> values = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					values.add(row.getString(1));
				}
			}
			return values;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** The only value of the only row. */
	public String value(String sql, Object... parameters) {
		List<String> values = list(sql, parameters);
		if (values.size() != 1) {
			throw new IllegalStateException(values.size() + " rows: " + sql);
		}
		return values.get(0);
	}

	/** A session of its own that holds an advisory lock in a transaction. */
	public Connection hold(String key) throws SQLException {
		Connection holder = connect();
		holder.setAutoCommit(false);
		try (Statement statement = holder.createStatement()) {
			statement.execute("SET application_name = 'holder'");
			statement.execute("SELECT pg_advisory_xact_lock(" + key + ")");
		}
		return holder;
	}

	/**
	 * A session of its own with a transaction in which these statements were executed.
	 */
	public Connection inTransaction(String... statements) throws SQLException {
		Connection connection = connect();
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		return connection;
	}

	/**
	 * Waits until a session waits for a lock that another one holds.
	 * @return process id of the session that waits
	 */
	public String awaitBlockedBy(Connection holder) throws SQLException {
		int pid = holder.unwrap(PGConnection.class).getBackendPID();
		String blocked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
				+ "AND ? = ANY (pg_blocking_pids(pid))";
		return awaitRows(blocked, pid).get(0);
	}

	/** Holds what a test's migrations wait for in their middle, key (1, 1). */
	public Connection gate() throws SQLException {
		return hold("1, 1");
	}

	/**
	 * Waits until a migration waits at the gate.
	 * @return process id of the session it runs in
	 */
	public String awaitMigrationAtTheGate() {
		String waiting = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 1 "
				+ "AND objid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
		List<String> migrations = awaitRows(waiting);
		if (migrations.size() != 1) {
			throw new IllegalStateException("More than one migration: " + migrations);
		}
		return migrations.get(0);
	}

	private List<String> awaitRows(String sql, Object... parameters) {
		return Awaitility.await()
			.atMost(Duration.ofMinutes(3))
			.until(() -> list(sql, parameters), (rows) -> !rows.isEmpty());
	}

	/** Lets a role log in through the shared PgBouncer. */
	public void allowThroughPooler(String... roles) {
		Pooler.PGBOUNCER.allow(roles);
	}

	/** A PgBouncer of its own, before the server. */
	public PgBouncer pooler(int poolSize, String... settings) {
		return PgBouncer.start(this.server, poolSize, settings);
	}

	/** A pgpool-II of its own, before the server. */
	public Pgpool pgpool(String... settings) {
		return Pgpool.start(this.server, settings);
	}

	/** Successful versions of the default history table, in the order of installation. */
	public List<String> history() {
		return list("SELECT coalesce(version, description) FROM flyway_schema_history WHERE success "
				+ "ORDER BY installed_rank");
	}

	/** Advisory locks in this database that are held now. */
	public int advisoryLocks() {
		return Integer.parseInt(value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
				+ "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
	}

	private static final class Server {

		// Autovacuum would add sessions of its own to those that tests count.
		static final PostgresServer POSTGRES = PostgresServer
			.start(Map.of("max_connections", "300", "autovacuum", "off", "max_prepared_transactions", "10"));

	}

	private static final class Pooler {

		static final PgBouncer PGBOUNCER = PgBouncer.start(Server.POSTGRES, 2);

	}

}
