package io.github.headlock.lock;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.waiting.Registration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a lock until it is closed. Thread-safe.
 */
public final class HeldLock implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(HeldLock.class);

	private static final Runnable NOTHING = () -> {
	};

	/**
	 * Ends the last query's snapshot, for which CREATE INDEX CONCURRENTLY would wait: the
	 * driver leaves the query's unnamed portal open until the next statement, and a
	 * utility statement takes no snapshot of its own.
	 */
	private static final String DROP_SNAPSHOT = "SET LOCAL idle_in_transaction_session_timeout = 0";

	private final MigrationLock lock;

	private final HistoryTable table;

	private final Connection connection;

	/** Process id of the lock's server process. */
	private final int pid;

	/** Also read within each migration, so it is made once. */
	private final String isHeldSql;

	private @Nullable Heartbeat heartbeat;

	private volatile Runnable afterLoss = NOTHING;

	private volatile boolean closed;

	/** How the loss showed, {@code null} while nobody has noticed any. */
	private @Nullable SQLException loss;

	HeldLock(MigrationLock lock, HistoryTable table, AdvisoryKey key, Connection connection, int pid) {
		this.lock = lock;
		this.table = table;
		this.connection = connection;
		this.pid = pid;
		this.isHeldSql = String.format(Locale.ROOT,
				"EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid OPERATOR(pg_catalog.=) %d AND %s)", pid,
				key.isHeld());
	}

	/**
	 * Sends something over the lock's connection from time to time until it is closed, so
	 * that nothing on the way finds it idle, and its loss shows soon.
	 */
	public synchronized void keepAlive() {
		this.heartbeat = new Heartbeat(this);
	}

	/**
	 * Registers what is to be done if the loss of a lock that is kept alive has shown.
	 * @param action is run every few seconds, on another thread, until the registration
	 * or the lock is closed
	 * @return the registration, of which there is one at a time
	 */
	public Registration whenLost(Runnable action) {
		this.afterLoss = action;
		return () -> this.afterLoss = NOTHING;
	}

	Runnable afterLoss() {
		return this.afterLoss;
	}

	boolean isClosed() {
		return this.closed;
	}

	/**
	 * Reads through the lock's own connection.
	 * @param query reads
	 * @param <T> what it reads
	 * @return what was read
	 * @throws SQLException if the connection is gone, and the lock with it, or if the
	 * database refuses, which leaves the lock as it is
	 */
	public synchronized <T> T read(Query<T> query) throws SQLException {
		try {
			execute("SAVEPOINT headlock");
			T result = query.read(this.connection);
			endRead();
			return result;
		}
		catch (SQLException | RuntimeException ex) {
			try {
				endRead();
			}
			catch (SQLException gone) {
				this.loss = (ex instanceof SQLException first) ? first : gone;
			}
			throw ex;
		}
	}

	/** Lets go of the tables that were read, which a migration may want to alter. */
	private void endRead() throws SQLException {
		execute("ROLLBACK TO SAVEPOINT headlock; RELEASE SAVEPOINT headlock; " + DROP_SNAPSHOT);
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/**
	 * Makes sure that the lock is still held.
	 * @throws LockLostException if the connection is gone, and the lock with it
	 */
	public synchronized void ensureHeld() {
		if (this.loss == null) {
			try {
				// an empty query, which unlike SELECT 1 takes no snapshot
				execute("");
			}
			catch (SQLException ex) {
				this.loss = ex;
			}
		}
		if (this.loss != null) {
			throw new LockLostException(this.table.toString(), this.loss);
		}
	}

	/**
	 * Returns an SQL expression that tells another connection to the same database
	 * whether the lock is still held: what that connection does next is not done by a
	 * process that was stopped for so long that another one has the lock by now.
	 * @return the expression, of type {@code boolean}
	 */
	public String isHeldSql() {
		return this.isHeldSql;
	}

	/**
	 * Makes sure that the lock is still held, in the eyes of another connection.
	 * @param other the other connection, to the same database
	 * @throws LockLostException if the lock is not held
	 * @throws SQLException if the other connection fails
	 */
	public void ensureHeldAsSeenBy(Connection other) throws SQLException {
		try (Statement statement = other.createStatement();
				ResultSet row = statement.executeQuery("/*NO LOAD BALANCE*/ SELECT " + isHeldSql())) {
			row.next();
			ensureSeen(row.getBoolean(1));
		}
	}

	/**
	 * Makes sure that another connection has seen that the lock is held.
	 * @param seen what it has read
	 * @throws LockLostException if it has not
	 */
	public void ensureSeen(boolean seen) {
		if (!seen) {
			ensureHeld();
			throw new LockLostException(this.table.toString(), null);
		}
	}

	/**
	 * Looks who is in a migration of this history table. Under the lock nobody enters one
	 * but who holds it; an earlier holder may be in one still.
	 * @return the session, empty if there is none but that of this lock
	 * @throws SQLException if the connection is gone, and the lock with it
	 */
	public Optional<LockHolder> fenceHolder() throws SQLException {
		return read(this::fenceHolderAsSeenBy);
	}

	/**
	 * Looks who is in a migration of this history table, through another connection,
	 * whether the lock is still held or not.
	 * @param other the other connection, to the same database
	 * @return the session, empty if there is none but that of this lock
	 * @throws SQLException if the other connection fails
	 */
	public Optional<LockHolder> fenceHolderAsSeenBy(Connection other) throws SQLException {
		return new LockHolderQuery(new AdvisoryKey(this.table.fenceKey())).read(other)
			.filter((holder) -> holder.pid() != this.pid);
	}

	/**
	 * Takes the lock that is held within each migration as well, without waiting, for as
	 * long as this one is held.
	 * @return whether it was taken, because no earlier holder is in a migration
	 * @throws SQLException if the connection is gone, and the lock with it
	 */
	public synchronized boolean tryFence() throws SQLException {
		try (Statement statement = this.connection.createStatement();
				ResultSet row = statement.executeQuery(MigrationLock.trySql(new AdvisoryKey(this.table.fenceKey())))) {
			row.next();
			boolean taken = row.getBoolean(1);
			dropSnapshot();
			return taken;
		}
	}

	void dropSnapshot() throws SQLException {
		execute(DROP_SNAPSHOT);
	}

	/**
	 * Frees the lock. Does not fail: a lock whose connection is broken is free already.
	 */
	@Override
	public synchronized void close() {
		this.closed = true;
		if (this.heartbeat != null) {
			this.heartbeat.stop();
		}
		try (this.connection) {
			this.connection.rollback();
		}
		catch (SQLException ex) {
			logger.warn("The connection that held the {} was already broken when it was to be freed", this.lock, ex);
		}
	}

	@Override
	public String toString() {
		return this.lock.toString();
	}

	/**
	 * What is read through the lock's connection.
	 *
	 * @param <T> what it results in
	 */
	public interface Query<T> {

		/**
		 * Reads, and leaves the transaction open.
		 * @param connection the connection, in a transaction that must stay usable
		 * @return what was read
		 * @throws SQLException if the connection is lost
		 */
		T read(Connection connection) throws SQLException;

	}

}
