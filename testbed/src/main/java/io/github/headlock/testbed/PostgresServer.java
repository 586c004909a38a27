package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A PostgreSQL server of its own, on a free port of the loopback interface, with a
 * superuser {@code postgres} that needs no password. Stops when closed or when the JVM
 * ends.
 */
public final class PostgresServer implements AutoCloseable {

	private final EmbeddedPostgres server;

	private PostgresServer(EmbeddedPostgres server) {
		this.server = server;
	}

	/**
	 * Starts a server.
	 * @param settings server settings on top of the defaults, such as
	 * {@code max_connections}
	 * @return the running server
	 */
	public static PostgresServer start(Map<String, String> settings) {
		return start(0, settings);
	}

	/**
	 * Starts a server on a port of the caller's choice.
	 * @param port the port, 0 for any that is free
	 * @param settings server settings on top of the defaults
	 * @return the running server
	 */
	public static PostgresServer start(int port, Map<String, String> settings) {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setPort(port)
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
		return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port(), database);
	}

	/**
	 * Opens a connection as superuser.
	 * @param database name of the database
	 * @return the connection, in autocommit mode
	 * @throws SQLException if it cannot be opened
	 */
	public Connection connect(String database) throws SQLException {
		return DriverManager.getConnection(url(database), "postgres", "");
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

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PostgreSQL does not stop", ex);
		}
	}

}
