package io.github.headlock.flyway;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Hands Flyway connections on which its own lock is always free, because Headlock holds
 * it on another one. Flyway asks for it before it chooses what to migrate next.
 * <p>
 * Only the two statements of Flyway's {@code PostgreSQLAdvisoryLockTemplate} are
 * replaced, by constants, in whatever way JDBC sends them. Another statement on that lock
 * is refused; everything else goes to the server as it is.
 */
final class LockBypass extends DelegatingDataSource {

	private static final Logger logger = LoggerFactory.getLogger(LockBypass.class);

	private static final Duration CONNECT_TIMEOUT = Duration.ofMinutes(1);

	private static final Duration CONNECT_POLL_INTERVAL = Duration.ofMillis(100);

	private static final Set<String> STATEMENTS = Set.of("createStatement", "prepareStatement", "prepareCall");

	/** SQLSTATE of a connection that has failed. */
	private static final String CONNECTION_FAILURE = "08006";

	private final LockStatements statements;

	private final Set<Connection> open = ConcurrentHashMap.newKeySet();

	private volatile boolean cancelled;

	private @Nullable SQLException refusal;

	/**
	 * Creates the data source.
	 * @param target where the connections come from
	 * @param table the history table
	 * @param beforeChoice run whenever Flyway asks for its lock
	 * @param afterChoice run whenever Flyway frees its lock, or would if it had got it
	 */
	LockBypass(DataSource target, HistoryTable table, Runnable beforeChoice, Runnable afterChoice) {
		super(target);
		this.statements = new LockStatements(table, beforeChoice, afterChoice);
	}

	@Override
	public Connection getConnection() throws SQLException {
		if (this.cancelled) {
			throw cancellation();
		}
		Connection connection = connect();
		this.open.removeIf(LockBypass::isClosed);
		this.open.add(connection);
		if (this.cancelled) {
			JdbcUtils.closeConnection(connection);
			throw cancellation();
		}
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, arguments) -> switch (method.getName()) {
					case "equals" -> proxy == arguments[0];
					case "hashCode" -> System.identityHashCode(proxy);
					default -> invoke(connection, method, arguments);
				});
	}

	/**
	 * On a crowded server a waiting replica may have taken just the connection that is
	 * needed here. It gives it back in a moment, so ask again soon.
	 */
	private Connection connect() throws SQLException {
		Deadline deadline = Deadline.in(CONNECT_TIMEOUT);
		try (Backoff patience = new Backoff("waiting for a connection beside the one that holds the lock")) {
			while (true) {
				try {
					Connection connection = super.getConnection();
					this.refusal = null;
					return connection;
				}
				catch (SQLException ex) {
					patience.endIfInterrupted(ex);
					this.refusal = ex;
					if (deadline.isOver() || !ConnectionFailure.isCrowded(ex)) {
						throw ex;
					}
					patience.pauseAround(CONNECT_POLL_INTERVAL, deadline.remaining());
				}
			}
		}
	}

	/**
	 * Cancels what runs on the connections, and ends them, so that nothing is recorded
	 * any more, not even a failure. No further one is given. May be called on any thread.
	 */
	void cancel() {
		this.cancelled = true;
		for (Connection connection : this.open) {
			try (connection) {
				cancelQuery(connection);
				connection.abort(Runnable::run);
			}
			catch (SQLException | RuntimeException ex) {
				logger.debug("A connection of the migration was gone already", ex);
			}
		}
	}

	/** No SQLException alone, after which Flyway might ask again. */
	private static FlywayException cancellation() {
		String message = "The migration was cancelled";
		return new FlywayException(message, new SQLException(message, CONNECTION_FAILURE));
	}

	private static void cancelQuery(Connection connection) {
		try {
			connection.unwrap(PGConnection.class).cancelQuery();
		}
		catch (SQLException ex) {
			logger.debug("The server cannot be told to cancel what runs", ex);
		}
	}

	private static boolean isClosed(Connection connection) {
		try {
			return connection.isClosed();
		}
		catch (SQLException ex) {
			return true;
		}
	}

	/**
	 * Returns why there was no connection at the last request.
	 * @return the driver's error, {@code null} if there was a connection
	 */
	@Nullable SQLException refusal() {
		return this.refusal;
	}

	@Override
	public Connection getConnection(String username, String password) {
		throw new UnsupportedOperationException("Migrations use the credentials of the data source");
	}

	private Object invoke(Connection connection, Method method, Object[] arguments) throws Throwable {
		if (!STATEMENTS.contains(method.getName())) {
			return LockStatements.invoke(connection, method, arguments);
		}
		if (this.cancelled) {
			throw cancellation();
		}
		return this.statements.make(connection, method, arguments);
	}

}
