package io.github.headlock.flyway;

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import io.github.headlock.jdbc.JdbcProxy;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.BaseStatement;
import org.postgresql.core.Field;
import org.postgresql.core.Tuple;

/**
 * Asks the server once for what it answers alike as long as a connection lasts, although
 * Flyway asks around each migration. To be used for one connection.
 */
final class ConstantQueries {

	/** As Flyway's {@code BaseDatabaseType} finds out which database this is. */
	private static final String VERSION = "SELECT version()";

	private static final Set<String> CONSTANTS = Set.of(VERSION, LockStatements.LOCKED, LockStatements.FREED);

	private final Map<String, Answer> answers = new HashMap<>();

	/** Whether a query is answered alike each time. */
	static boolean isConstant(String sql) {
		return CONSTANTS.contains(sql);
	}

	/**
	 * Lets a statement answer from what is known.
	 * @param sql a constant query
	 * @param statement the driver's statement of it
	 * @return the statement
	 */
	PreparedStatement answering(String sql, PreparedStatement statement) {
		return JdbcProxy.of(statement, PreparedStatement.class,
				(target, method, arguments) -> call(sql, target, method, arguments));
	}

	private @Nullable Object call(String sql, PreparedStatement statement, Method method, Object[] arguments)
			throws Throwable {
		boolean known = method.getName().equals("executeQuery") && arguments == null
				&& statement.isWrapperFor(BaseStatement.class);
		return known ? answer(sql, statement) : JdbcProxy.invoke(statement, method, arguments);
	}

	private ResultSet answer(String sql, PreparedStatement statement) throws SQLException {
		Answer answer = this.answers.get(sql);
		if (answer == null) {
			answer = Answer.read(statement);
			this.answers.put(sql, answer);
		}
		return answer.of(statement.unwrap(BaseStatement.class));
	}

	/** A result of one row with one column. */
	private record Answer(String label, int type, String value) {

		static Answer read(PreparedStatement statement) throws SQLException {
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				String type = row.getMetaData().getColumnTypeName(1);
				int oid = statement.getConnection().unwrap(BaseConnection.class).getTypeInfo().getPGType(type);
				return new Answer(row.getMetaData().getColumnLabel(1), oid, Objects.requireNonNull(row.getString(1)));
			}
		}

		ResultSet of(BaseStatement statement) throws SQLException {
			return statement.createDriverResultSet(new Field[] { new Field(this.label, this.type) },
					List.of(new Tuple(new byte[][] { this.value.getBytes(StandardCharsets.UTF_8) })));
		}

	}

}
