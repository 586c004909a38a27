package io.github.headlock.startup;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.PrintableText;
import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.flyway.FailedFlywayRun;
import io.github.headlock.flyway.InvalidIndexes;
import io.github.headlock.flyway.MigrationLoop;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.StandbyReachedException;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.roles.RoleLockout;
import io.github.headlock.schema.ReleaseMigrations;
import io.github.headlock.startup.WaitResult.LockAcquired;
import io.github.headlock.waiting.ShutdownCancellation;
import io.github.headlock.waiting.Stopwatch;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Migrates the schema under the lock. To be run once.
 */
final class LockedMigration {

	private static final Logger logger = LoggerFactory.getLogger(LockedMigration.class);

	private final StartContext context;

	private final Diagnostics diagnostics;

	private final MigrationGuards guards;

	LockedMigration(StartContext context, Diagnostics diagnostics, MigrationGuards guards) {
		this.context = context;
		this.diagnostics = diagnostics;
		this.guards = guards;
	}

	/**
	 * Migrates, and frees the lock.
	 * @param acquired the lock, and what was seen under it
	 * @return how it went
	 */
	MigrationReport run(LockAcquired acquired) {
		Stopwatch held = new Stopwatch();
		try (ShutdownCancellation shutdown = new ShutdownCancellation(); HeldLock lock = acquired.lock()) {
			lock.keepAlive();
			Optional<MigrationPlan> plan = this.guards.check(lock, acquired.status(), shutdown);
			return plan.isPresent() ? migrate(lock, acquired, plan.get(), shutdown, held)
					: this.context.report(MigrationOutcome.FAST_PATH, acquired.status(), acquired.waited());
		}
	}

	private MigrationReport migrate(HeldLock lock, LockAcquired acquired, MigrationPlan plan,
			ShutdownCancellation shutdown, Stopwatch held) {
		boolean keepsRolesOut = this.context.settings().sessions().isActive()
				&& acquired.status().state() != SchemaState.AT_HEAD;
		this.context.connections()
			.ensureAtLeast((keepsRolesOut || this.context.head().alwaysRunWork().needsEventConnection()) ? 3 : 2,
					this.context.settings().lockTimeout());
		logger.info("Migration lock of {} taken after {}; running Flyway, because {}", this.context.table(),
				Stopwatch.seconds(acquired.waited()), plan.reason());
		this.diagnostics.trust(lock, this.context.table())
			.forEach((problem) -> logger.warn("What other roles could do to this migration: {}", problem));
		try (RoleLockout lockout = keepsRolesOut ? prepareLockout(lock) : null) {
			plan.gate().finish(lock);
			plan.gate().resetAbandoned();
			int migrations = runFlyway(lock, lockout, plan, shutdown);
			SchemaStatus after = lookAgain(lock);
			if (after.state() == SchemaState.AT_HEAD) {
				plan.gate().register(this.context.head().migrations().map(ReleaseMigrations::head).orElse(null));
			}
			if (!after.state().isReady()) {
				logger.warn("Flyway has done its work, and still the schema is {}: {}", after.state(), after.reason());
			}
			return this.context.report(MigrationOutcome.MIGRATED, after, migrations,
					(lockout != null) ? lockout.terminatedSessions() : 0, acquired.waited(), held.elapsed());
		}
		catch (RuntimeException ex) {
			throw this.diagnostics.refusalOfStandby(ex, lock)
				.<RuntimeException>map((refusal) -> standbyReached(refusal, ex))
				.orElse(ex);
		}
	}

	private StandbyReachedException standbyReached(SQLException refusal, RuntimeException failure) {
		return new StandbyReachedException(this.context.connections().toString(),
				"there is something to change: " + PrintableText.line(refusal.getMessage()), failure);
	}

	private RoleLockout prepareLockout(HeldLock lock) {
		try {
			return this.context.lockouts().prepare(this.context.settings().sessions(), lock);
		}
		catch (SQLException ex) {
			throw new DatabaseUnavailableException(this.context.connections().toString(),
					"The state of the application's roles cannot be read", ex);
		}
	}

	private int runFlyway(HeldLock lock, @Nullable RoleLockout lockout, MigrationPlan plan,
			ShutdownCancellation shutdown) {
		try {
			return new MigrationLoop(this.context.configuration(), this.context.connections(), this.context.table(),
					this.context.settings().flywayRun(), plan.only(), this.context.server().pooler())
				.run(lock, lockout, plan.gate(), shutdown);
		}
		catch (RuntimeException ex) {
			if (ex instanceof FlywayException) {
				ex.addSuppressed(new FailedFlywayRun(this.context.table().toString(), this.context.server().user(),
						this.context.configuration().isGroup()));
			}
			throw (lockout != null) ? lockout.explain(ex) : ex;
		}
		finally {
			List<String> invalid = this.diagnostics.invalidIndexes(lock);
			if (!invalid.isEmpty()) {
				logger.warn(InvalidIndexes.warning(invalid));
			}
		}
	}

	private SchemaStatus lookAgain(HeldLock lock) {
		try {
			return lock.read(this.context.head()::lookAfterMigration);
		}
		catch (SQLException ex) {
			lock.ensureHeld();
			return SchemaStatus.unknown(PrintableText.line(ex.getMessage()));
		}
	}

}
