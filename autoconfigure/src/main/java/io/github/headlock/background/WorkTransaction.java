package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;

import io.github.headlock.jdbc.ApplicationName;
import io.github.headlock.waiting.Stopwatch;

/**
 * Begins the transactions in which background migrations are worked on, with bounds that
 * hold for the transaction alone, so that a pooler's connection keeps none of them, and
 * with the name of this process, which a pooler may not have told the server.
 *
 * @param schema schema whose tables the statements find first, as those of a migration do
 * @param batchTimeout longest that a transaction may take
 */
record WorkTransaction(String schema, Duration batchTimeout) {

	/** What a batch waits for rows of other tables, unique keys and the like. */
	private static final Duration LOCK_TIMEOUT = Duration.ofMillis(200);

	/** What is left to wait for are other processes that write down what they did. */
	private static final Duration OWN_LOCK_TIMEOUT = Duration.ofSeconds(5);

	/** Until the server, which has given up by then, must have said so. */
	private static final Duration GRACE = Duration.ofSeconds(10);

	/** SQLSTATE of a statement that took too long. */
	private static final String TIMEOUT = "57014";

	/**
	 * {@code transaction_timeout} exists from PostgreSQL 17. It ends the session, so the
	 * other bounds come first.
	 */
	private static final String SETTINGS = """
			SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE; \
			SELECT pg_catalog.set_config(wanted.name, wanted.value, true) FROM (VALUES ('lock_timeout', '%1$d'), \
			('statement_timeout', '%2$d'), ('idle_in_transaction_session_timeout', '%3$d'), \
			('transaction_timeout', '%5$d'), ('application_name', '%6$s'), ('search_path', pg_catalog.concat_ws(', ', \
			pg_catalog.quote_ident('%4$s'), nullif(pg_catalog.current_setting('search_path'), '')))) AS wanted (name, value) \
			JOIN pg_catalog.pg_settings s ON s.name OPERATOR(pg_catalog.=) wanted.name""";

	/** When a transaction ends at last whose statements each keep to their bound. */
	static Duration longest(Duration statementTimeout) {
		return statementTimeout.multipliedBy(3).dividedBy(2);
	}

	/** Begins work on a batch. */
	void begin(Connection connection) throws SQLException {
		begin(connection, LOCK_TIMEOUT, this.batchTimeout);
	}

	/** Begins work on a row, for which it waits if the time is not zero. */
	void begin(Connection connection, Duration wait) throws SQLException {
		begin(connection, wait.isZero() ? LOCK_TIMEOUT : wait, this.batchTimeout);
	}

	/** Begins a look at the whole table. */
	void beginLook(Connection connection, Duration longest) throws SQLException {
		begin(connection, LOCK_TIMEOUT, longest);
	}

	private void begin(Connection connection, Duration lockTimeout, Duration statementTimeout) throws SQLException {
		connection.setNetworkTimeout(Runnable::run,
				(int) Math.min(Integer.MAX_VALUE, statementTimeout.plus(GRACE).toMillis()));
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute(String.format(Locale.ROOT, SETTINGS, lockTimeout.toMillis(), statementTimeout.toMillis(),
					this.batchTimeout.toMillis(), this.schema.replace("'", "''"), longest(statementTimeout).toMillis(),
					ApplicationName.ofThisProcess().replace("'", "''")));
		}
	}

	/**
	 * Makes sure that a batch whose statements each kept to their bound keeps to it as a
	 * whole.
	 * @param took what it took
	 */
	void ensureInTime(Duration took) throws SQLException {
		if (took.compareTo(this.batchTimeout) >= 0) {
			throw new SQLException("The batch took " + Stopwatch.seconds(took)
					+ ", and may take headlock.background.batch-timeout at most", TIMEOUT);
		}
	}

	/**
	 * Waits longer for locks from now on, to write down what was done. What is checked at
	 * the end of the transaction is checked before.
	 */
	void beginRecord(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL lock_timeout = " + OWN_LOCK_TIMEOUT.toMillis());
		}
	}

}
