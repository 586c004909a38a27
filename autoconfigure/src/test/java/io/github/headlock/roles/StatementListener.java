package io.github.headlock.roles;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import io.github.headlock.jdbc.JdbcProxy;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Tells of each statement that is given as text before it is executed.
 */
final class StatementListener extends DelegatingDataSource {

	private final Listener listener;

	StatementListener(DataSource target, Listener listener) {
		super(target);
		this.listener = listener;
	}

	@Override
	public Connection getConnection() throws SQLException {
		return JdbcProxy.of(super.getConnection(), Connection.class, (connection, method, arguments) -> {
			Object result = JdbcProxy.invoke(connection, method, arguments);
			return method.getName().equals("createStatement")
					? JdbcProxy.of((Statement) result, Statement.class, this::call) : result;
		});
	}

	private Object call(Statement statement, Method method, Object[] arguments) throws Throwable {
		if (method.getName().startsWith("execute") && arguments != null) {
			this.listener.accept((String) arguments[0]);
		}
		return JdbcProxy.invoke(statement, method, arguments);
	}

	/** What is told. */
	interface Listener {

		void accept(String statement) throws SQLException;

	}

}
