package io.github.headlock.background;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.BooleanSupplier;

import javax.sql.DataSource;

import io.github.headlock.jdbc.JdbcProxy;
import io.github.headlock.jdbc.JdbcProxy.Call;
import io.github.headlock.test.TestDatabase;
import org.postgresql.PGConnection;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Ends the session of a connection at one moment: right before a statement or a commit,
 * or right after a commit whose answer does not arrive.
 */
final class LostSessions {

	private final TestDatabase database;

	private final int moment;

	private final BooleanSupplier counts;

	private int moments;

	/**
	 * Prepares the end of one session.
	 * @param database the database
	 * @param moment number of the moment, from 1
	 * @param counts tells whether what is called now counts
	 */
	LostSessions(TestDatabase database, int moment, BooleanSupplier counts) {
		this.database = database;
		this.moment = moment;
		this.counts = counts;
	}

	/** Number of moments until now. */
	int moments() {
		return this.moments;
	}

	/** Gives connections that may be lost. */
	DataSource dataSource() {
		return new DelegatingDataSource(new DriverManagerDataSource(this.database.url(), "postgres", "")) {

			@Override
			public Connection getConnection() throws SQLException {
				return losing(super.getConnection());
			}

		};
	}

	/** A connection that may be lost. */
	Connection connect() throws SQLException {
		return losing(Customers.connect(this.database.url()));
	}

	private Connection losing(Connection connection) {
		return JdbcProxy.of(connection, Connection.class, (target, method, arguments) -> {
			boolean commit = method.getName().equals("commit");
			if (commit) {
				lose(target);
			}
			Object result = JdbcProxy.invoke(target, method, arguments);
			if (commit && lose(target)) {
				throw new SQLException("The answer to the commit is lost", "08006");
			}
			return switch (method.getName()) {
				case "createStatement" -> JdbcProxy.of((Statement) result, Statement.class, statement(target));
				case "prepareStatement" ->
					JdbcProxy.of((PreparedStatement) result, PreparedStatement.class, statement(target));
				default -> result;
			};
		});
	}

	private <T extends Statement> Call<T> statement(Connection connection) {
		return (target, method, arguments) -> {
			if (method.getName().startsWith("execute")) {
				lose(connection);
			}
			return JdbcProxy.invoke(target, method, arguments);
		};
	}

	private boolean lose(Connection connection) throws SQLException {
		if (!this.counts.getAsBoolean() || ++this.moments != this.moment) {
			return false;
		}
		this.database.value("SELECT pg_terminate_backend(?, 60000)",
				connection.unwrap(PGConnection.class).getBackendPID());
		return true;
	}

}
