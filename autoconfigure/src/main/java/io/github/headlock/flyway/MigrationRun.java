package io.github.headlock.flyway;

import java.sql.SQLException;
import java.util.List;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import io.github.headlock.background.BackgroundGate;
import io.github.headlock.flyway.RunResult.Done;
import io.github.headlock.flyway.RunResult.Failed;
import io.github.headlock.flyway.RunResult.GateClosed;
import io.github.headlock.flyway.RunResult.LockNotAvailable;
import io.github.headlock.flyway.RunResult.Overtaken;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.roles.RoleLockout;
import io.github.headlock.waiting.Registration;
import io.github.headlock.waiting.ShutdownCancellation;
import io.github.headlock.waiting.StartInterruptedException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/**
 * Runs Flyway's migrate once, under the migration lock and without Flyway's own lock,
 * which would otherwise wait for ours. To be used by one thread.
 */
final class MigrationRun implements AutoCloseable {

	private final MigrationConnections connections;

	private final HeldLock lock;

	private final ShutdownCancellation shutdown;

	private final @Nullable DdlSettings ddl;

	private final Fence fence;

	private final RetryingDataSource source;

	private final LockBypass bypass;

	private final Flyway flyway;

	private final @Nullable BlockingSessionSampler blockers;

	private final Registration loss;

	private final Registration cancellation;

	/**
	 * Prepares a run.
	 * @param connections connections of the role that migrates
	 * @param table the history table
	 * @param derived derives the Flyway that runs
	 * @param fenceLock the lock that is held within each migration
	 * @param ddl how migrations queue for their table locks, {@code null} for as long as
	 * it takes
	 * @param lock the migration lock, which stays held
	 * @param lockout what keeps the application out meanwhile, {@code null} for nothing;
	 * it is begun here
	 * @param gate tells which migrations may be begun
	 * @param shutdown cancels the run when the JVM is told to end
	 */
	MigrationRun(MigrationConnections connections, HistoryTable table, DerivedFlyway derived, FenceLock fenceLock,
			@Nullable DdlSettings ddl, HeldLock lock, @Nullable RoleLockout lockout, BackgroundGate gate,
			ShutdownCancellation shutdown) {
		this.connections = connections;
		this.lock = lock;
		this.shutdown = shutdown;
		this.ddl = ddl;
		this.fence = new Fence(table, lock, fenceLock, (lockout != null) ? lockout::recordSession : (pid) -> {
		});
		this.source = new RetryingDataSource(connections.dataSource(), lock);
		this.bypass = new LockBypass(this.source, table, this.fence::onLockRequested, this.fence::onLockReleased);
		this.flyway = derived.with(this.bypass,
				(lockout != null) ? List.of(new GateCallback(gate), this.fence, new BeforeMigrations(lockout))
						: List.of(new GateCallback(gate), this.fence));
		this.blockers = (ddl != null) ? new BlockingSessionSampler(lock, this.fence, ddl.lockTimeout()) : null;
		this.loss = lock.whenLost(new LockLossWatchdog(connections, this.fence, this.bypass::cancel));
		this.cancellation = shutdown.cancelling(this.bypass::cancel);
	}

	/**
	 * Runs Flyway once.
	 * @return what the run ended with
	 */
	RunResult attempt() {
		try {
			return new Done(this.flyway.migrate().migrationsExecuted);
		}
		catch (FlywayException ex) {
			RunningMigration interrupted = this.fence.givenUp();
			return result(this.fence.applied(), ex, interrupted);
		}
	}

	private RunResult result(int applied, FlywayException failure, @Nullable RunningMigration interrupted) {
		if (!this.shutdown.hasBegun()) {
			if (failure.getCause() instanceof ConcurrentMigrationException other) {
				return new Overtaken(applied, other);
			}
			if (failure.getCause() instanceof ClosedGateException closed) {
				return new GateClosed(applied, closed.script());
			}
			String reason = (this.ddl != null && interrupted != null && interrupted.transactional())
					? LockTimeoutRetry.reason(failure, this.ddl) : null;
			if (interrupted != null && reason != null) {
				return new LockNotAvailable(applied, interrupted.script(), reason, blockers(), failure);
			}
		}
		return new Failed(applied, explain(failure), (interrupted != null) ? interrupted.script() : null);
	}

	private List<DatabaseSession> blockers() {
		return (this.blockers != null) ? this.blockers.seen() : List.of();
	}

	private RuntimeException explain(FlywayException failure) {
		if (failure.getCause() instanceof HeadlockException ours) {
			return ours;
		}
		if (this.shutdown.hasBegun()) {
			return StartInterruptedException.whileMigrating(firstLine(failure), failure);
		}
		SQLException refused = this.source.refusal();
		SQLException lost = ConnectionFailure.lost(failure);
		SQLException broken = (refused != null) ? refused : lost;
		if (broken == null) {
			return failure;
		}
		try {
			// a restart of the server ends the lock as well
			this.lock.ensureHeld();
		}
		catch (LockLostException ex) {
			ex.addSuppressed(failure);
			return ex;
		}
		if (refused != null) {
			return new DatabaseUnavailableException(this.connections.toString(),
					"There is no connection for the migration beside the one that holds the lock", refused);
		}
		return new ConnectionLostException(this.connections.toString(), firstLine(failure), RootCause.describe(broken),
				failure);
	}

	private static String firstLine(FlywayException exception) {
		return PrintableText.line(String.valueOf(exception.getMessage()).lines().findFirst().orElse(""));
	}

	@Override
	public void close() {
		this.cancellation.close();
		this.loss.close();
		if (this.blockers != null) {
			this.blockers.close();
		}
	}

}
