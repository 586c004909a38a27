package io.github.headlock.background;

import java.sql.Connection;
import java.util.Locale;
import java.util.Set;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.jdbc.JdbcProxy;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Gives the code of a team the rows of a batch, and the connection with its transaction,
 * without what would end the transaction or stay on the connection after it.
 *
 * @param jdbc reads and changes rows on the connection
 * @param rows condition on the rows
 */
record JavaBatch(JdbcTemplate jdbc, Clause rows) implements BackgroundMigration.Batch {

	/** What sets a connection up stays on a pooler's. */
	private static final Set<String> REFUSED = Set.of("commit", "setAutoCommit", "abort", "setReadOnly",
			"setTransactionIsolation", "setSchema", "setCatalog", "setClientInfo", "setHoldability",
			"setNetworkTimeout");

	/**
	 * Gives a connection.
	 * @param connection the connection, in the transaction of a batch
	 * @param rows condition on the rows
	 * @param source where the code is declared, for people
	 */
	static JavaBatch of(Connection connection, Clause rows, String source) {
		Connection guarded = JdbcProxy.of(connection, Connection.class, (target, method, arguments) -> {
			String call = method.getName();
			boolean whole = call.equals("rollback") && (arguments == null || arguments.length == 0);
			if (whole || REFUSED.contains(call)) {
				throw new InvalidBackgroundMigrationException(source,
						String.format(Locale.ROOT, "its code calls %s on the connection of the batch", call),
						"Remove the call. The transaction of the batch ends when migrate returns or throws; what is set for "
								+ "it, such as by SET LOCAL, ends with it.");
			}
			return JdbcProxy.invoke(target, method, arguments);
		});
		return new JavaBatch(new JdbcTemplate(new SingleConnectionDataSource(guarded, true)), rows);
	}

	@Override
	public String condition() {
		return "(" + this.rows.sql() + ")";
	}

	@Override
	public Object[] arguments() {
		return this.rows.arguments().toArray();
	}

}
