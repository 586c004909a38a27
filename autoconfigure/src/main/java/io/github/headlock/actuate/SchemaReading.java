package io.github.headlock.actuate;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import io.github.headlock.PrintableText;
import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.startup.ManagedSchema;
import org.jspecify.annotations.Nullable;

/**
 * Reads a schema with Flyway's credentials, or with the application's if those are
 * refused. Remembers the last state that was read. Thread-safe.
 */
final class SchemaReading {

	/** Class of the SQLSTATEs of refused credentials. */
	private static final String INVALID_AUTHORIZATION = "28";

	/** Whether Flyway's credentials were refused at the last attempt. */
	private volatile boolean refused;

	private final AtomicReference<@Nullable Seen> last = new AtomicReference<>();

	/**
	 * Returns whether another thread may read something else, or nothing.
	 * @param schema what to read
	 * @return {@code false} if all threads are known to read the same
	 */
	boolean mayBeBoundToThread(ManagedSchema schema) {
		return schema.connections().mayBeBoundToThread() || (this.refused && schema.application().mayBeBoundToThread());
	}

	/**
	 * Takes a connection, and executes nothing on it.
	 * @param schema what to read
	 * @return the connection, which the caller closes
	 * @throws SQLException if none can be had
	 */
	Borrowed borrow(ManagedSchema schema) throws SQLException {
		Optional<DataSource> application = schema.application().besides(schema.connections());
		try {
			Connection connection = schema.connections().borrow(application.isEmpty());
			this.refused = false;
			return new Borrowed(connection, null);
		}
		catch (SQLException ex) {
			if (application.isEmpty() || !isRefused(ex)) {
				throw ex;
			}
			this.refused = true;
			return new Borrowed(schema.application().borrow(application.get()), ex);
		}
	}

	/**
	 * Reads over a connection, on any thread.
	 * @param schema what to read
	 * @param borrowed the connection, which stays open
	 * @param timeout longest wait for an answer of the database
	 * @param read what to do with the connection
	 * @return what was read
	 * @throws SQLException if nothing could be read
	 */
	SchemaSnapshot read(ManagedSchema schema, Borrowed borrowed, Duration timeout, Read read) throws SQLException {
		if (timeout.toMillis() < 1) {
			throw new SQLTimeoutException("No time is left");
		}
		SQLException refusal = borrowed.refusal();
		if (refusal == null) {
			schema.connections().prepare(borrowed.connection(), timeout);
		}
		else if (!schema.application().prepare(borrowed.connection(), timeout)) {
			String reason = "Flyway's credentials are refused, and the application's data source cannot read the "
					+ "history table: " + PrintableText.line(refusal.getMessage());
			return new SchemaSnapshot(lastSeen(schema, "Last state seen. " + reason), null, List.of(), List.of(),
					reason);
		}
		return remember(schema, read.from(borrowed.connection(), timeout));
	}

	private static boolean isRefused(SQLException exception) {
		String state = exception.getSQLState();
		return state != null && state.startsWith(INVALID_AUTHORIZATION);
	}

	private SchemaSnapshot remember(ManagedSchema schema, SchemaSnapshot sight) {
		if (sight.status().state() != SchemaState.UNKNOWN) {
			this.last.set(new Seen(schema, sight.status()));
		}
		return sight;
	}

	@SuppressWarnings("ReferenceEquality") // another schema may have equal parts
	private SchemaStatus lastSeen(ManagedSchema schema, String reason) {
		Seen seen = this.last.get();
		SchemaStatus status = (seen != null && seen.schema() == schema) ? seen.status() : schema.report().status();
		return new SchemaStatus(status.state(), status.currentVersion(), status.headVersion(), status.pending(),
				(status.reason() != null) ? status.reason() + ". " + reason : reason);
	}

	/** What to do with a connection. */
	interface Read {

		/**
		 * Reads what an observer wants to know.
		 * @param connection the connection, which stays open
		 * @param timeout longest wait for all answers of the database
		 * @return what was read
		 * @throws SQLException if it cannot be read
		 */
		SchemaSnapshot from(Connection connection, Duration timeout) throws SQLException;

	}

	/**
	 * A connection that was taken for a read.
	 *
	 * @param connection the connection
	 * @param refusal why it is the application's, {@code null} if it is Flyway's
	 */
	record Borrowed(Connection connection, @Nullable SQLException refusal) implements AutoCloseable {

		@Override
		public void close() throws SQLException {
			this.connection.close();
		}

	}

	private record Seen(ManagedSchema schema, SchemaStatus status) {
	}

}
