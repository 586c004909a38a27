package io.github.headlock.flyway;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

import javax.sql.DataSource;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.JdbcProxy;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Hands Flyway connections on which its own lock is always free, because Headlock holds
 * it on another one. Flyway asks for it before it chooses what to migrate next.
 * <p>
 * Only the two statements of Flyway's {@code PostgreSQLAdvisoryLockTemplate} are
 * replaced, by constants, in whatever way JDBC sends them. Another statement on that lock
 * is refused; everything else goes to the server as it is.
 */
final class LockBypass extends DelegatingDataSource {

	private static final Set<String> STATEMENTS = Set.of("createStatement", "prepareStatement", "prepareCall");

	private final LockStatements statements;

	private final CancellableConnections connections = new CancellableConnections();

	/**
	 * Creates the data source.
	 * @param target where the connections come from
	 * @param table the history table
	 * @param onLockRequested run whenever Flyway asks for its lock
	 * @param onLockReleased run whenever Flyway frees its lock, or would if it had got it
	 */
	LockBypass(DataSource target, HistoryTable table, Runnable onLockRequested, Runnable onLockReleased) {
		super(target);
		this.statements = new LockStatements(table, onLockRequested, onLockReleased);
	}

	@Override
	public Connection getConnection() throws SQLException {
		this.connections.ensureNotCancelled();
		Connection connection = super.getConnection();
		this.connections.add(connection);
		ConstantQueries constants = new ConstantQueries();
		return JdbcProxy.of(connection, Connection.class,
				(target, method, arguments) -> call(target, constants, method, arguments));
	}

	private @Nullable Object call(Connection connection, ConstantQueries constants, Method method, Object[] arguments)
			throws Throwable {
		if (!STATEMENTS.contains(method.getName())) {
			return JdbcProxy.invoke(connection, method, arguments);
		}
		this.connections.ensureNotCancelled();
		return this.statements.make(connection, constants, method, arguments);
	}

	/**
	 * Cancels what runs on the connections, and ends them. No further one is given. May
	 * be called on any thread.
	 */
	void cancel() {
		this.connections.cancel();
	}

	@Override
	public Connection getConnection(String username, String password) {
		throw new UnsupportedOperationException("Migrations use the credentials of the data source");
	}

}
