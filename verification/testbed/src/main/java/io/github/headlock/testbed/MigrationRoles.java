package io.github.headlock.testbed;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * The two roles of a database: one migrates, and the application logs in with the other.
 * Neither is a superuser.
 *
 * @param migrator name of the role that migrates
 * @param application name of the application's role
 */
public record MigrationRoles(String migrator, String application) {

	private static final int FIRST_WITH_INHERIT_OPTION = 16;

	/**
	 * Creates both, without any privilege but to log in.
	 * @param connection a superuser's, to any database of the server
	 * @throws SQLException if the server refuses
	 */
	public void create(Connection connection) throws SQLException {
		execute(connection, "CREATE ROLE %s LOGIN", quoted(this.migrator));
		execute(connection, "CREATE ROLE %s LOGIN", quoted(this.application));
	}

	/**
	 * Lets the one own the database, and block the other while it migrates.
	 * @param connection a superuser's, to the database
	 * @throws SQLException if the server refuses
	 */
	public void allowBlocking(Connection connection) throws SQLException {
		execute(connection, "ALTER ROLE %s CREATEROLE", quoted(this.migrator));
		execute(connection, "ALTER DATABASE %s OWNER TO %s", quoted(connection.getCatalog()), quoted(this.migrator));
		boolean inherits = connection.getMetaData().getDatabaseMajorVersion() < FIRST_WITH_INHERIT_OPTION;
		execute(connection, "GRANT %s TO %s %s", quoted(this.application), quoted(this.migrator),
				inherits ? "" : "WITH ADMIN TRUE, INHERIT TRUE");
	}

	/**
	 * Lets the one create tables in {@code public}.
	 * @param connection a superuser's, to the database
	 * @throws SQLException if the server refuses
	 */
	public void allowCreating(Connection connection) throws SQLException {
		execute(connection, "GRANT CREATE ON SCHEMA public TO %s", quoted(this.migrator));
	}

	/**
	 * Lets the other read the tables that the one will create in {@code public}.
	 * @param connection a superuser's, to the database
	 * @throws SQLException if the server refuses
	 */
	public void allowReading(Connection connection) throws SQLException {
		execute(connection, "ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA public GRANT SELECT ON TABLES TO %s",
				quoted(this.migrator), quoted(this.application));
	}

	private static void execute(Connection connection, String statement, Object... names) throws SQLException {
		try (Statement execution = connection.createStatement()) {
			execution.execute(String.format(Locale.ROOT, statement, names));
		}
	}

	/**
	 * Quotes an identifier.
	 * @param name the identifier
	 * @return how it is written in a statement
	 */
	public static String quoted(String name) {
		return '"' + name.replace("\"", "\"\"") + '"';
	}

}
