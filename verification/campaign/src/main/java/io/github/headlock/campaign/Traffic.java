package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.testbed.JdbcUrl;

/**
 * The application at work: a session that is opened again when it is ended. One that must
 * not be terminated ends by itself once its role is blocked, if it may. It is mostly in a
 * transaction, so that a pooler cannot hide that its session was terminated.
 */
final class Traffic implements AutoCloseable {

	private static final long PERIOD = 60;

	private static final String TERMINATED = "57P01";

	private final String url;

	private final String role;

	private final boolean sacred;

	private final Thread thread = new Thread(this::work, "traffic");

	private volatile boolean polite;

	private volatile boolean over;

	private final AtomicInteger terminated = new AtomicInteger();

	/**
	 * Starts sessions of the application.
	 * @param url the database's JDBC URL
	 * @param role the role they log in as
	 * @param polite whether it ends its session when the role is blocked
	 * @param sacred whether nobody may terminate its session
	 */
	Traffic(String url, String role, boolean polite, boolean sacred) {
		this.url = JdbcUrl.with(url, "ApplicationName=shop", "prepareThreshold=0", "socketTimeout=20");
		this.role = role;
		this.polite = polite;
		this.thread.setDaemon(true);
		this.sacred = sacred;
		this.thread.start();
	}

	/** From now on sessions end when the role is blocked. */
	void becomePolite() {
		this.polite = true;
	}

	private void work() {
		while (!this.over) {
			try (Connection connection = DriverManager.getConnection(this.url, this.role, "")) {
				connection.setAutoCommit(false);
				workOn(connection);
			}
			catch (SQLException ex) {
				// the application shows an error, and tries again
				if (TERMINATED.equals(ex.getSQLState())) {
					this.terminated.incrementAndGet();
				}
			}
			Wait.pause(PERIOD);
		}
	}

	private void workOn(Connection connection) throws SQLException {
		while (!this.over) {
			boolean blocked = RoundDatabase
				.list(connection, "SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolcanlogin")
				.isEmpty();
			Wait.pause(PERIOD);
			connection.commit();
			if (blocked && this.polite) {
				return;
			}
		}
	}

	/** What was done to it, in words. */
	List<String> damage() {
		return (this.sacred && this.terminated.get() > 0)
				? List.of("sessions of the application that nobody may terminate were: " + this.terminated) : List.of();
	}

	@Override
	public void close() {
		this.over = true;
		Wait.forEnd(this.thread);
	}

}
