package io.github.headlock.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;

import org.jspecify.annotations.Nullable;

/**
 * Gives a connection back as it was: without a transaction, with the autocommit mode and
 * the network timeout it came with. Not every pool does that by itself.
 */
final class RestoredConnection {

	private final Connection target;

	private final boolean autoCommit;

	private final int networkTimeout;

	private RestoredConnection(Connection target) throws SQLException {
		this.target = target;
		this.autoCommit = target.getAutoCommit();
		this.networkTimeout = networkTimeout(target);
	}

	static Connection of(Connection target) throws SQLException {
		return JdbcProxy.of(target, Connection.class, new RestoredConnection(target)::call);
	}

	/** Zero where the driver knows none. */
	private static int networkTimeout(Connection connection) throws SQLException {
		try {
			return connection.getNetworkTimeout();
		}
		catch (SQLFeatureNotSupportedException ex) {
			return 0;
		}
	}

	private @Nullable Object call(Connection target, Method method, Object[] arguments) throws Throwable {
		if (method.getName().equals("close")) {
			close();
			return null;
		}
		return JdbcProxy.invoke(target, method, arguments);
	}

	private void close() throws SQLException {
		if (this.target.isClosed()) {
			return;
		}
		try (this.target) {
			restore();
		}
		catch (SQLException ex) {
			// A connection that cannot be restored must not be used by anybody else.
			this.target.abort(Runnable::run);
			throw ex;
		}
	}

	private void restore() throws SQLException {
		if (!this.target.getAutoCommit()) {
			this.target.rollback();
		}
		if (this.target.getAutoCommit() != this.autoCommit) {
			this.target.setAutoCommit(this.autoCommit);
		}
		if (networkTimeout(this.target) != this.networkTimeout) {
			this.target.setNetworkTimeout(Runnable::run, this.networkTimeout);
		}
	}

}
