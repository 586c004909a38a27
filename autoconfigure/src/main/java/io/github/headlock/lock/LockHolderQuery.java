package io.github.headlock.lock;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.jspecify.annotations.Nullable;

/**
 * The statement that looks who holds an advisory lock, of several the first that somebody
 * holds.
 */
final class LockHolderQuery {

	private static final String SESSION = """
			/*NO LOAD BALANCE*/ SELECT l.pid, \
			a.usename::pg_catalog.text, CASE WHEN a.application_name OPERATOR(pg_catalog.<>) '' \
			THEN a.application_name END, pg_catalog.host(a.client_addr), a.xact_start \
			FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) l.pid \
			WHERE %s ORDER BY %s LIMIT 1""";

	/**
	 * A prepared transaction has no process. Its locks have the same virtual id, and one
	 * of them is on its own id.
	 */
	private static final String PREPARED = """
			/*NO LOAD BALANCE*/ SELECT x.owner::pg_catalog.text, x.prepared, x.gid FROM pg_catalog.pg_locks l \
			JOIN pg_catalog.pg_locks own ON own.virtualtransaction OPERATOR(pg_catalog.=) l.virtualtransaction \
			JOIN pg_catalog.pg_prepared_xacts x ON x.transaction OPERATOR(pg_catalog.=) own.transactionid \
			WHERE l.pid IS NULL AND own.pid IS NULL AND %s ORDER BY %s LIMIT 1""";

	private final String session;

	private final String prepared;

	/**
	 * Prepares the statement.
	 * @param keys the locks, the most important first
	 */
	LockHolderQuery(AdvisoryKey... keys) {
		String held = AdvisoryKey.HELD
				+ Arrays.stream(keys).map(AdvisoryKey::matches).collect(Collectors.joining(" OR ", " AND (", ")"));
		String order = Arrays.stream(keys).map((key) -> key.matches() + " DESC").collect(Collectors.joining(", "));
		this.session = String.format(Locale.ROOT, SESSION, held, order);
		this.prepared = String.format(Locale.ROOT, PREPARED, held, order);
	}

	/**
	 * Adds the statement to a message.
	 * @param connection the connection that the message is sent over
	 * @return the holder, once the message has run, empty if there is none; to get it
	 * sends another statement if that is a prepared transaction
	 */
	Result<Optional<LockHolder>> addTo(MultiStatement message, Connection connection) {
		Result<Optional<LockHolder>> session = message.query(this.session, LockHolderQuery::session);
		return () -> {
			Optional<LockHolder> holder = session.get();
			return holder.isPresent() && holder.get().pid() == 0 ? prepared(connection).or(() -> holder) : holder;
		};
	}

	/** Looks at once. */
	Optional<LockHolder> read(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<Optional<LockHolder>> holder = addTo(message, connection);
		message.run(connection);
		return holder.get();
	}

	/** Empty if the transaction has just ended. */
	private Optional<LockHolder> prepared(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<Optional<LockHolder>> holder = message.query(this.prepared, LockHolderQuery::transaction);
		message.run(connection);
		return holder.get();
	}

	private static Optional<LockHolder> session(ResultSet row) throws SQLException {
		return row.next() ? Optional.of(new LockHolder(row.getInt(1), row.getString(2), row.getString(3),
				row.getString(4), instant(row.getTimestamp(5)), null)) : Optional.empty();
	}

	private static Optional<LockHolder> transaction(ResultSet row) throws SQLException {
		return row.next()
				? Optional
					.of(new LockHolder(0, row.getString(1), null, null, instant(row.getTimestamp(2)), row.getString(3)))
				: Optional.empty();
	}

	private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
		return (timestamp != null) ? timestamp.toInstant() : null;
	}

}
