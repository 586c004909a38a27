package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A PostgreSQL server of its own, on a free port of the loopback interface, with a
 * superuser {@code postgres} that needs no password. Stops when closed or when the JVM
 * ends.
 */
public final class PostgresServer implements AutoCloseable {

	private final EmbeddedPostgres server;

	private final PgControl control;

	private PostgresServer(EmbeddedPostgres server) throws SQLException {
		this.server = server;
		try (Connection connection = connect("postgres");
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SHOW data_directory")) {
			row.next();
			this.control = new PgControl(Path.of(row.getString(1)));
		}
	}

	/**
	 * Starts a server.
	 * @param settings server settings on top of the defaults, such as
	 * {@code max_connections}
	 * @return the running server
	 */
	public static PostgresServer start(Map<String, String> settings) {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setPGStartupWait(Duration.ofSeconds(60))
			// files of a run that is thrown away need not reach the disk
			.setServerConfig("fsync", "off")
			.setServerConfig("synchronous_commit", "off");
		settings.forEach(builder::setServerConfig);
		try {
			return new PostgresServer(builder.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PostgreSQL does not start", ex);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("PostgreSQL does not answer", ex);
		}
	}

	/**
	 * Returns the port.
	 * @return the port on the loopback interface
	 */
	public int port() {
		return this.server.getPort();
	}

	/**
	 * Returns the JDBC URL of a database, straight to the server.
	 * @param database name of the database
	 * @return the URL, without parameters
	 */
	public String url(String database) {
		return String.format(Locale.ROOT, "jdbc:postgresql://127.0.0.1:%d/%s", port(), database);
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
	 * Stops the server, in spite of its sessions, and waits until it has.
	 * @param mode whether it ends its work in order
	 */
	public void stop(StopMode mode) {
		this.control.stop(mode.name().toLowerCase(Locale.ROOT));
	}

	/**
	 * Starts the server that was stopped, on the same data and port, and waits until it
	 * takes connections.
	 */
	public void startAgain() {
		this.control.start();
	}

	/**
	 * Lets all processes of the server go silent: they answer nobody, and refuse nobody.
	 */
	public void suspend() {
		this.control.signal("-STOP");
	}

	/** Lets a silent server go on. */
	public void resume() {
		this.control.signal("-CONT");
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PostgreSQL does not stop", ex);
		}
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
