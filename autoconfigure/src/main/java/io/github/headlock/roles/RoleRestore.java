package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.lock.HeldLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets roles in again, each in a transaction of its own, so that one which cannot be let
 * in keeps no other out.
 *
 * @param restored those that were
 * @param failed those that could not be
 * @param failure why the first of them could not be, {@code null} if all could
 */
record RoleRestore(List<RoleJournal.Entry> restored, List<RoleJournal.Entry> failed, @Nullable SQLException failure) {

	private static final Logger logger = LoggerFactory.getLogger(RoleRestore.class);

	/**
	 * Lets in.
	 * @param connections connections of the role that migrates
	 * @param journal where the roles are recorded
	 * @param run whose blocks are undone, {@code null} for all
	 * @param timeout longest time for everything together
	 * @param lock over whose connection to look which sessions block it
	 * @param guard fails if it must not be done, asked in each transaction at its
	 * beginning and before it is committed
	 * @return what came of it
	 * @throws SQLException if the record cannot be read
	 */
	static RoleRestore of(MigrationConnections connections, RoleJournal journal, @Nullable UUID run, Duration timeout,
			HeldLock lock, Guard guard) throws SQLException {
		RoleTransaction transaction = RoleTransaction.opening(connections, timeout, RoleBlockers.looking(lock));
		List<RoleJournal.Entry> restored = new ArrayList<>();
		List<RoleJournal.Entry> failed = new ArrayList<>();
		SQLException failure = null;
		for (RoleJournal.Entry entry : transaction.run((connection) -> journal.read(connection, run))) {
			try {
				boolean done = transaction.run((connection) -> {
					guard.check(connection);
					boolean unblocked = journal.unblock(connection, entry, run != null);
					guard.check(connection);
					return unblocked;
				});
				if (done) {
					restored.add(entry);
				}
			}
			catch (SQLException ex) {
				failed.add(entry);
				failure = (failure != null) ? failure : ex;
			}
		}
		if (failure == null) {
			drop(connections, journal, lock);
		}
		return new RoleRestore(restored, failed, failure);
	}

	/** An empty table blocks nobody, so that a failure does not matter. */
	private static void drop(MigrationConnections connections, RoleJournal journal, HeldLock lock) {
		try {
			RoleTransaction.opening(connections, Duration.ZERO, RoleBlockers.looking(lock))
				.run(journal.table()::dropIfEmpty);
		}
		catch (SQLException ex) {
			logger.info("The empty table {} blocks nobody, and is dropped at a later start: {}",
					journal.table().shown(), RootCause.describe(ex));
		}
	}

	/**
	 * Decides whether the caller may still do it.
	 */
	interface Guard {

		void check(Connection connection) throws SQLException;

	}

}
