package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * The application at work: a session that is opened again when it is ended. One that must
 * not be terminated ends by itself once its role is blocked, if it may.
 */
final class Traffic implements AutoCloseable {

	private static final long PERIOD = 60;

	private final RoundDatabase database;

	private final Thread thread = new Thread(this::work, "traffic");

	private volatile boolean polite;

	private volatile boolean over;

	/**
	 * Begins.
	 * @param database where
	 * @param polite whether it ends its session when the role is blocked
	 */
	Traffic(RoundDatabase database, boolean polite) {
		this.database = database;
		this.polite = polite;
		this.thread.setDaemon(true);
		this.thread.start();
	}

	/** From now on sessions end when the role is blocked. */
	void becomePolite() {
		this.polite = true;
	}

	private void work() {
		while (!this.over) {
			try (Connection connection = DriverManager.getConnection(this.database.url() + "?ApplicationName=shop",
					this.database.application(), "")) {
				workOn(connection);
			}
			catch (SQLException ex) {
				// the application shows an error, and tries again
			}
			Wait.pause(PERIOD);
		}
	}

	private void workOn(Connection connection) throws SQLException {
		while (!this.over) {
			boolean blocked = RoundDatabase
				.list(connection, "SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolcanlogin")
				.isEmpty();
			if (blocked && this.polite) {
				return;
			}
			Wait.pause(PERIOD);
		}
	}

	@Override
	public void close() {
		this.over = true;
		try {
			this.thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
