package io.github.headlock.lock;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.headlock.LockLostException;
import io.github.headlock.SchemaStatus;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.head.HeadProbe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the migration lock until it is closed. To be used by one thread at a time.
 */
public final class HeldLock implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(HeldLock.class);

	/** Longest that the server may take to answer that it is still there, in seconds. */
	private static final int ANSWER_TIMEOUT = 5;

	private final HistoryTable table;

	private final Connection connection;

	HeldLock(HistoryTable table, Connection connection) {
		this.table = table;
		this.connection = connection;
	}

	/**
	 * Looks at the schema through the lock's own connection.
	 * @param probe what to look with
	 * @return what was found
	 * @throws SQLException if the connection is gone, and the lock with it
	 */
	public SchemaStatus look(HeadProbe probe) throws SQLException {
		SchemaStatus status = probe.look(this.connection);
		dropSnapshot();
		return status;
	}

	/**
	 * Makes sure that the lock is still held.
	 * @throws LockLostException if the connection is gone, and the lock with it
	 */
	public void ensureHeld() {
		try {
			// an empty query, which unlike SELECT 1 takes no snapshot
			if (!this.connection.isValid(ANSWER_TIMEOUT)) {
				throw new LockLostException(this.table.qualifiedName(), null);
			}
		}
		catch (SQLException ex) {
			throw new LockLostException(this.table.qualifiedName(), ex);
		}
	}

	/**
	 * Ends the last query's snapshot, for which CREATE INDEX CONCURRENTLY would wait: the
	 * driver leaves the query's unnamed portal open until the next statement, and a
	 * utility statement takes no snapshot of its own.
	 */
	void dropSnapshot() throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("SET LOCAL idle_in_transaction_session_timeout = 0");
		}
	}

	/**
	 * Frees the lock. Does not fail: a lock whose connection is broken is free already.
	 */
	@Override
	public void close() {
		try (this.connection) {
			this.connection.rollback();
		}
		catch (SQLException ex) {
			logger.warn("The connection that held the migration lock of {} was already broken when it was to be freed",
					this.table, ex);
		}
	}

}
