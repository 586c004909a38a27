package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;

/**
 * Keeps roles blocked while somebody is in a migration: one of this process whose
 * connection was lost ends on the server some time later. A migration without the fence,
 * as one without a transaction behind a pooler, is not seen.
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
			throw new AtWorkException(inside.get());
		}
	}

	/** Whether it was this guard that has refused. */
	static boolean hasRefused(SQLException failure) {
		return failure instanceof AtWorkException || failure.getCause() instanceof AtWorkException;
	}

	private static final class AtWorkException extends SQLException {

		private static final long serialVersionUID = 1L;

		AtWorkException(LockHolder inside) {
			super(String.format(Locale.ROOT, "the server is still at work on a migration: %s", inside),
					LOCK_NOT_AVAILABLE);
		}

	}

}
