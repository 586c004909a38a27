package io.github.headlock.testbed;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;

/**
 * A PostgreSQL server of its own, on a free port, with a superuser {@code postgres} that
 * needs no password. It runs on this machine, embedded, or in a container if the system
 * property {@code headlock.test.postgres} is {@code container}, of the image that
 * {@code headlock.test.postgres.image} names, {@code postgres:15} if it is not set. Stops
 * when closed or when the JVM ends.
 */
public final class PostgresServer implements AutoCloseable {

	private static final String VARIANT = setting("headlock.test.postgres", "embedded");

	private static final String IMAGE = setting("headlock.test.postgres.image", "postgres:15");

	private final RunningServer server;

	private PostgresServer(RunningServer server) {
		this.server = server;
	}

	/**
	 * Taken away, because Headlock warns of properties below its name that it does not
	 * know.
	 */
	private static String setting(String property, String otherwise) {
		String value = System.clearProperty(property);
		return (value != null) ? value : otherwise;
	}

	/**
	 * Returns whether servers run in containers, where this JVM reaches neither their
	 * processes nor their files.
	 * @return {@code false} if they are embedded
	 */
	public static boolean inContainer() {
		return switch (VARIANT) {
			case "embedded" -> false;
			case "container" -> true;
			default ->
				throw new IllegalStateException("headlock.test.postgres is embedded or container, not " + VARIANT);
		};
	}

	/**
	 * Starts a server.
	 * @param settings server settings on top of the defaults, such as
	 * {@code max_connections}
	 * @return the running server
	 */
	public static PostgresServer start(Map<String, String> settings) {
		return start(settings, "");
	}

	/**
	 * Starts a server that does not trust everybody.
	 * @param settings server settings on top of the defaults
	 * @param accessRules lines of its {@code pg_hba.conf}, which let {@code postgres} in
	 * without a password
	 * @return the running server
	 */
	public static PostgresServer start(Map<String, String> settings, String accessRules) {
		return new PostgresServer(inContainer() ? ContainerServer.start(IMAGE, settings, accessRules)
				: EmbeddedServer.start(settings, accessRules));
	}

	/** Starts a standby that has this name at its primary, which is embedded. */
	static PostgresServer standby(PostgresServer primary, String name) {
		return of(StandbyServer.of(primary, name));
	}

	/** A server that runs already. */
	static PostgresServer of(RunningServer server) {
		return new PostgresServer(server);
	}

	/**
	 * Returns the host.
	 * @return name or address to connect to
	 */
	public String host() {
		return this.server.host();
	}

	/**
	 * Returns the port.
	 * @return the port on the host
	 */
	public int port() {
		return this.server.port();
	}

	/**
	 * Returns the JDBC URL of a database, straight to the server.
	 * @param database name of the database
	 * @return the URL, without parameters
	 */
	public String url(String database) {
		return url(host(), port(), database);
	}

	static String url(String host, int port, String database) {
		return String.format(Locale.ROOT, "jdbc:postgresql://%s:%d/%s", host, port, database);
	}

	/**
	 * Opens a connection as superuser.
	 * @param database name of the database
	 * @return the connection, in autocommit mode
	 * @throws SQLException if it cannot be opened
	 */
	public Connection connect(String database) throws SQLException {
		// the question whether there is SSL has a time limit of its own
		return DriverManager.getConnection(url(database) + "?sslmode=disable", "postgres", "");
	}

	/**
	 * Creates an empty database.
	 * @param database name of the database, a lower-case identifier
	 */
	public void createDatabase(String database) {
		try (Connection connection = connect("postgres"); Statement statement = connection.createStatement()) {
			statement.execute("CREATE DATABASE " + database);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Cannot create database " + database, ex);
		}
	}

	/**
	 * Stops the server, in spite of its sessions, and waits until it has. Not in a
	 * container.
	 * @param mode whether it ends its work in order
	 */
	public void stop(StopMode mode) {
		this.server.stop(mode.name().toLowerCase(Locale.ROOT));
	}

	/**
	 * Starts the server that was stopped, on the same data and port, and waits until it
	 * takes connections. Not in a container.
	 */
	public void startAgain() {
		this.server.startAgain();
	}

	/**
	 * Lets all processes of the server go silent: they answer nobody, and refuse nobody.
	 * Not in a container.
	 */
	public void suspend() {
		this.server.signal("-STOP");
	}

	/** Lets a silent server go on. */
	public void resume() {
		this.server.signal("-CONT");
	}

	@Override
	public void close() {
		this.server.close();
	}

	/**
	 * How a server is stopped.
	 */
	public enum StopMode {

		/** Sessions are ended and their transactions rolled back. */
		FAST,

		/** As if it had crashed: the next start recovers. */
		IMMEDIATE

	}

}
