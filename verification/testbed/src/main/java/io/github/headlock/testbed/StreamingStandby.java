package io.github.headlock.testbed;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A hot standby of a server, with a server of its own that streams from the primary. Its
 * name for {@code synchronous_standby_names} of the primary is {@value #NAME}; the
 * primary does not wait for it unless that is set. Stops when closed or when the JVM
 * ends.
 */
public final class StreamingStandby implements AutoCloseable {

	/** Name of the standby at its primary. */
	public static final String NAME = "standby";

	private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

	private final PostgresServer primary;

	private final PostgresServer server;

	private StreamingStandby(PostgresServer primary, PostgresServer server) {
		this.primary = primary;
		this.server = server;
	}

	/**
	 * Starts a standby. Not in a container.
	 * @param primary the server to stream from, which has no other standby
	 * @return the standby, which takes connections that read
	 */
	public static StreamingStandby of(PostgresServer primary) {
		return new StreamingStandby(primary, PostgresServer.standby(primary, NAME));
	}

	/**
	 * Returns the standby's server.
	 * @return the server, which stays the same when it is promoted
	 */
	public PostgresServer server() {
		return this.server;
	}

	/**
	 * Waits until the standby shows what was committed on the primary before the call.
	 */
	public void awaitReplay() {
		try (Connection connection = this.primary.connect("postgres");
				Connection standby = this.server.connect("postgres")) {
			// after all commits; it reaches the standby even if they are not synchronous
			String position = value(connection, "SELECT pg_create_restore_point('replay')");
			await(standby, "pg_last_wal_replay_lsn() >= '" + position + "'");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Waits until a server says that a condition holds. */
	static void await(Connection connection, String condition) throws SQLException {
		long end = System.nanoTime() + LONGEST_WAIT.toNanos();
		while (!"t".equals(value(connection, "SELECT " + condition))) {
			if (System.nanoTime() > end) {
				throw new IllegalStateException("A server does not come to: " + condition);
			}
			// asks the server to pause, which ends with the session
			value(connection, "SELECT pg_sleep(0.02)");
		}
	}

	/** Makes the standby a primary of its own, and waits until it is. */
	public void promote() {
		try (Connection connection = this.server.connect("postgres")) {
			if (!"t".equals(value(connection, "SELECT pg_promote(true, 60)"))) {
				throw new IllegalStateException("The standby is not promoted");
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String value(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

	@Override
	public void close() {
		this.server.close();
	}

}
