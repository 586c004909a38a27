package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.regex.Pattern;

import io.github.headlock.jdbc.MultiStatement.Result;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Holds what one statement at the first contact tells about the server and the way to it.
 *
 * @param version the server's own description of itself
 * @param currentSchema schema that unqualified names go to, or the search path if none of
 * its schemas exists, as Flyway reads it
 * @param database name of the database
 * @param systemIdentifier identifier that a server shares with its standbys and with no
 * other server; {@code null} if it has none or the role may not ask for it
 * @param user name of the role that SQL runs as
 * @param pooler whether a pooler such as PgBouncer stands between; pgpool-II is not
 * recognised
 * @param preparesStatements whether the driver prepares repeated statements on the server
 */
public record ServerFacts(String version, String currentSchema, String database, @Nullable String systemIdentifier,
		String user, boolean pooler, boolean preparesStatements) {

	/**
	 * What databases call themselves that begin with PostgreSQL's name. The first two are
	 * also Flyway's signs for them.
	 */
	private static final Pattern OTHER_DATABASE = Pattern.compile(
			"Redshift|-YB-|Greenplum|Cloudberry|openGauss|GaussDB|Materialize|QuestDB|RisingWave",
			Pattern.CASE_INSENSITIVE);

	private static final String VERSION = "/*NO LOAD BALANCE*/ SELECT pg_catalog.version()";

	private static final String STANDBY = "/*NO LOAD BALANCE*/ SELECT pg_catalog.pg_is_in_recovery()";

	private static final String SQL = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.version(), coalesce(pg_catalog.current_schema()::pg_catalog.text, \
			pg_catalog.current_setting('search_path')), pg_catalog.current_database()::pg_catalog.text, \
			current_user::pg_catalog.text, pg_catalog.pg_backend_pid(), %s""";

	private static final String SYSTEM = """
			(SELECT control.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() AS control)""";

	/**
	 * Adds the statement that reads the facts to a message.
	 * @param message the message
	 * @param withIdentifier whether the server's identifier is needed; the statement
	 * fails if the role may not ask for it
	 * @return the facts, once the message has run
	 */
	public static Result<ServerFacts> addTo(MultiStatement message, boolean withIdentifier) {
		return message.query(String.format(Locale.ROOT, SQL, withIdentifier ? SYSTEM : "NULL"), ServerFacts::of);
	}

	/**
	 * Reads the facts with one statement; with a second one if the server does not tell
	 * its identifier.
	 * @param connection a connection to a server that speaks PostgreSQL's protocol, in
	 * autocommit mode
	 * @return the facts
	 * @throws SQLException if the server cannot be read
	 */
	public static ServerFacts read(Connection connection) throws SQLException {
		try {
			return read(connection, true);
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex)) {
				throw ex;
			}
			return read(connection, false);
		}
	}

	private static ServerFacts read(Connection connection, boolean withIdentifier) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<ServerFacts> facts = addTo(message, withIdentifier);
		message.run(connection);
		return facts.get();
	}

	private static ServerFacts of(ResultSet row) throws SQLException {
		row.next();
		Connection connection = row.getStatement().getConnection();
		boolean pooler = false;
		boolean preparesStatements = false;
		if (connection.isWrapperFor(PGConnection.class)) {
			PGConnection driver = connection.unwrap(PGConnection.class);
			// A pooler answers the start-up with a process id of its own making.
			pooler = driver.getBackendPID() != row.getInt(5);
			preparesStatements = driver.getPrepareThreshold() != 0;
		}
		return new ServerFacts(row.getString(1), row.getString(2), row.getString(3), row.getString(6), row.getString(4),
				pooler, preparesStatements);
	}

	/**
	 * Returns the facts as another role would read them.
	 * @param role name of the role
	 * @return the facts with that role as their user
	 */
	public ServerFacts as(String role) {
		return new ServerFacts(this.version, this.currentSchema, this.database, this.systemIdentifier, role,
				this.pooler, this.preparesStatements);
	}

	/**
	 * Returns whether this is a PostgreSQL, and not another database that speaks its
	 * protocol but knows no advisory locks, or has them on one of its nodes only.
	 * @return {@code false} for CockroachDB, YugabyteDB, Redshift and others
	 */
	public boolean isPostgreSql() {
		return isPostgreSql(this.version);
	}

	/**
	 * Returns whether a server is another database, from which the facts may not even be
	 * read.
	 * @param connection a connection to a server that speaks PostgreSQL's protocol, in
	 * autocommit mode
	 * @return {@code false} if it is PostgreSQL
	 * @throws SQLException if it does not say what it is
	 */
	public static boolean isOtherDatabase(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(VERSION)) {
			row.next();
			return !isPostgreSql(row.getString(1));
		}
	}

	/**
	 * Adds the question whether a server is a hot standby now to a message.
	 * @param message the message
	 * @return {@code false} if it is a primary, once the message has run
	 */
	public static Result<Boolean> addStandbyTo(MultiStatement message) {
		return message.query(STANDBY, (row) -> row.next() && row.getBoolean(1));
	}

	/**
	 * Returns whether a server is a hot standby now: it can only be read, may be behind
	 * its primary, and an advisory lock on it excludes nobody on another server. May be
	 * called in a transaction.
	 * @param connection a connection to PostgreSQL
	 * @return {@code false} if it is a primary
	 * @throws SQLException if the connection is lost
	 */
	public static boolean isStandby(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(STANDBY)) {
			row.next();
			return row.getBoolean(1);
		}
	}

	private static boolean isPostgreSql(String version) {
		return version.startsWith("PostgreSQL ") && !OTHER_DATABASE.matcher(version).find();
	}

}
