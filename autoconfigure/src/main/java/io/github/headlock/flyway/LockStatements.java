package io.github.headlock.flyway;

import java.lang.reflect.Method;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.JdbcProxy;
import org.jspecify.annotations.Nullable;

/**
 * Recognises Flyway's two statements on its own lock in whatever way they are sent, and
 * replaces them by constants.
 */
final class LockStatements {

	private static final Pattern LITERAL_OR_COMMENT = Pattern.compile("'[^']*+'|--[^\n]*+|/\\*.*?\\*/", Pattern.DOTALL);

	/** What Flyway's request for its lock is replaced by. */
	static final String LOCKED = "SELECT true AS pg_try_advisory_lock";

	/** What the end of Flyway's lock is replaced by. */
	static final String FREED = "SELECT true AS pg_advisory_unlock";

	private final String key;

	/** A call of an advisory lock function with the key. */
	private final Pattern call;

	private final Runnable onLockRequested;

	private final Runnable onLockReleased;

	/**
	 * Creates the recognition.
	 * @param table the history table
	 * @param onLockRequested run whenever Flyway asks for its lock
	 * @param onLockReleased run whenever Flyway frees its lock, or would if it had got it
	 */
	LockStatements(HistoryTable table, Runnable onLockRequested, Runnable onLockReleased) {
		this.key = String.valueOf(table.lockKey());
		this.call = Pattern.compile("advisory\\w*\\s*\\([^()]*\\b" + this.key + "\\b", Pattern.CASE_INSENSITIVE);
		this.onLockRequested = onLockRequested;
		this.onLockReleased = onLockReleased;
	}

	/**
	 * Calls a method of a connection that makes a statement.
	 * @param connection the connection
	 * @param constants answers what is constant on it
	 * @param method the method
	 * @param arguments its arguments, the first of which may be SQL
	 * @return the statement
	 * @throws Throwable as the method does
	 * @throws UnsupportedFlywayException if it is about Flyway's lock in an unknown way
	 */
	Object make(Object connection, ConstantQueries constants, Method method, Object[] arguments) throws Throwable {
		Object[] replaced = replace(arguments);
		Object statement = Objects.requireNonNull(JdbcProxy.invoke(connection, method, replaced));
		if (!(statement instanceof PreparedStatement prepared)) {
			return JdbcProxy.of((Statement) statement, Statement.class, this::callStatement);
		}
		if (ConstantQueries.isConstant((String) replaced[0])) {
			return constants.answering((String) replaced[0], prepared);
		}
		return isAboutAdvisoryLocks((String) arguments[0])
				? JdbcProxy.of((Statement) statement, Statement.class, this::callPrepared) : statement;
	}

	private @Nullable Object callStatement(Statement target, Method method, Object[] arguments) throws Throwable {
		if (method.getName().equals("addBatch") && arguments[0] instanceof String sql && isAboutFlywaysLock(sql)) {
			throw unknown(sql);
		}
		boolean sends = method.getName().startsWith("execute");
		return JdbcProxy.invoke(target, method, sends ? replace(arguments) : arguments);
	}

	private @Nullable Object callPrepared(Statement target, Method method, Object[] arguments) throws Throwable {
		if (method.getName().startsWith("set") && arguments.length > 1
				&& this.key.equals(String.valueOf(arguments[1]))) {
			throw unknown(target.toString());
		}
		return JdbcProxy.invoke(target, method, arguments);
	}

	private Object[] replace(Object[] arguments) {
		if (arguments == null || arguments.length == 0 || !(arguments[0] instanceof String sql)) {
			return arguments;
		}
		Object[] replaced = arguments.clone();
		replaced[0] = replace(sql);
		return replaced;
	}

	private String replace(String sql) {
		if (!isAboutFlywaysLock(sql)) {
			return sql;
		}
		if (sql.equals("SELECT pg_try_advisory_lock(" + this.key + ")")) {
			this.onLockRequested.run();
			return LOCKED;
		}
		if (sql.equals("SELECT pg_advisory_unlock(" + this.key + ")")) {
			this.onLockReleased.run();
			return FREED;
		}
		throw unknown(sql);
	}

	/** What only mentions the lock, in a literal or a comment, is not about it. */
	private boolean isAboutFlywaysLock(String sql) {
		return sql.contains(this.key) && isAboutAdvisoryLocks(sql)
				&& this.call.matcher(LITERAL_OR_COMMENT.matcher(sql).replaceAll(" ")).find();
	}

	private static boolean isAboutAdvisoryLocks(String sql) {
		return sql.toLowerCase(Locale.ROOT).contains("advisory");
	}

	private static UnsupportedFlywayException unknown(String sql) {
		return new UnsupportedFlywayException("Flyway takes its lock in a way that Headlock does not know: " + sql);
	}

}
