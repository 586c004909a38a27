package io.github.headlock.flyway;

import java.util.List;

import io.github.headlock.background.BackgroundGate;
import io.github.headlock.flyway.RunResult.Done;
import io.github.headlock.flyway.RunResult.Failed;
import io.github.headlock.flyway.RunResult.GateClosed;
import io.github.headlock.flyway.RunResult.LockNotAvailable;
import io.github.headlock.flyway.RunResult.Overtaken;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.roles.RoleLockout;
import io.github.headlock.schema.NewRepeatables;
import io.github.headlock.waiting.ShutdownCancellation;
import io.github.headlock.waiting.StartInterruptedException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Runs Flyway under the migration lock until nothing is left to be applied: again after
 * another process blocked it, and again after a pause where a migration did not get a
 * lock that it needs.
 */
public final class MigrationLoop {

	private final MigrationConnections connections;

	private final HistoryTable table;

	private final FlywayRunSettings settings;

	private final DerivedFlyway derived;

	/** Whether a session lasts as long as its connection. */
	private final boolean ownSession;

	/**
	 * Prepares the runs.
	 * @param configuration configuration of the application's Flyway, which is only read
	 * @param connections connections of the role that migrates
	 * @param table the history table
	 * @param settings what the team decided
	 * @param only what alone is applied, {@code null} for everything
	 * @param behindPooler whether the connections lead to a connection pooler
	 */
	public MigrationLoop(Configuration configuration, MigrationConnections connections, HistoryTable table,
			FlywayRunSettings settings, @Nullable NewRepeatables only, boolean behindPooler) {
		this.connections = connections;
		this.table = table;
		this.settings = settings;
		this.derived = new DerivedFlyway(configuration, settings.versionsMayBeMissing(), only);
		this.ownSession = connections.areUnpooled() && !behindPooler;
	}

	/**
	 * Runs Flyway until nothing is left to be applied.
	 * @param lock the lock, which stays held
	 * @param lockout what keeps the application out meanwhile, {@code null} for nothing;
	 * it is begun here
	 * @param gate tells which migrations may be begun, and opens the gates of others
	 * @param shutdown cancels a run when the JVM is told to end
	 * @return how many migrations were applied
	 * @throws FlywayException if a migration failed or Flyway refused to migrate
	 * @throws LockLostException if the lock was lost before a migration, or with the
	 * connection of one, or another process migrates although this one holds it
	 * @throws io.github.headlock.HeadlockException if the application could not be kept
	 * out
	 * @throws MigrationBlockedException if a migration did not get a lock in all its
	 * attempts
	 * @throws DatabaseUnavailableException if there was no connection beside the lock's
	 * @throws ConnectionLostException if the connection was lost, but not the lock
	 * @throws StartInterruptedException if the JVM was told to end
	 * @throws io.github.headlock.upgrade.UpgradeRefusedException if a migration must not
	 * be begun
	 */
	public int run(HeldLock lock, @Nullable RoleLockout lockout, BackgroundGate gate, ShutdownCancellation shutdown) {
		ConcurrentMigrationHandler others = new ConcurrentMigrationHandler(this.table, lock, this.settings);
		LockTimeoutRetry retry = new LockTimeoutRetry(this.settings.ddl());
		int applied = 0;
		while (true) {
			RunResult result = attempt(lock, lockout, gate, shutdown);
			applied += result.applied();
			if (result instanceof Done) {
				return applied;
			}
			if (result instanceof Overtaken overtaken) {
				others.giveWay(overtaken);
				gate.closeAgain();
			}
			else if (result instanceof LockNotAvailable blocked) {
				retry.backOff(blocked);
				gate.closeAgain();
			}
			else if (result instanceof GateClosed closed) {
				gate.open(lock, closed.script(), applied);
			}
			else {
				throw failure((Failed) result, gate);
			}
		}
	}

	/** Rows that a background migration has changed may have been written anew since. */
	private static RuntimeException failure(Failed failed, BackgroundGate gate) {
		String script = failed.script();
		if (script != null && ConstraintViolation.isBehind(failed.failure())) {
			List<String> reopened = gate.reopen(script);
			if (!reopened.isEmpty()) {
				failed.failure().addSuppressed(new ReopenedBackgroundMigrations(reopened));
			}
		}
		return failed.failure();
	}

	private RunResult attempt(HeldLock lock, @Nullable RoleLockout lockout, BackgroundGate gate,
			ShutdownCancellation shutdown) {
		DdlSettings ddl = this.settings.ddl();
		FenceLock fence = new FenceLock(this.table, lock.isHeldSql(), this.ownSession,
				(ddl != null) ? ddl.lockTimeout() : null);
		try (MigrationRun run = new MigrationRun(this.connections, this.table, this.derived, fence, ddl, lock, lockout,
				gate, shutdown)) {
			return run.attempt();
		}
	}

}
