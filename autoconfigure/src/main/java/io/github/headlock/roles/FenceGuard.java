package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;

/**
 * Keeps roles blocked while the server is still at work on a migration of the process
 * that blocked them: one whose connection was lost ends on the server some time later.
 */
final class FenceGuard implements RoleRestore.Guard {

	/** Lets the transaction be tried again. */
	private static final String LOCK_NOT_AVAILABLE = "55P03";

	private final HeldLock lock;

	/**
	 * Creates the guard.
	 * @param lock the migration lock, which may be lost
	 */
	FenceGuard(HeldLock lock) {
		this.lock = lock;
	}

	@Override
	public void check(Connection connection) throws SQLException {
		Optional<LockHolder> inside = this.lock.fenceHolderAsSeenBy(connection);
		if (inside.isPresent()) {
			throw new SQLException(
					String.format(Locale.ROOT, "the server is still at work on a migration: %s", inside.get()),
					LOCK_NOT_AVAILABLE);
		}
	}

}
