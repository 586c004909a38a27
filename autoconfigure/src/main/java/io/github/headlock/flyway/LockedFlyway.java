package io.github.headlock.flyway;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.roles.RoleLockout;
import io.github.headlock.schema.NewRepeatables;
import io.github.headlock.waiting.StartInterruptedException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.pattern.ValidatePattern;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jspecify.annotations.Nullable;

/**
 * Runs Flyway's migrate under the migration lock, on one connection and without Flyway's
 * own lock, which would otherwise wait for ours.
 * <p>
 * On one connection a migration and its history row commit in one transaction; with
 * Flyway's transactional lock they commit on two. The application's Flyway is only read.
 */
public final class LockedFlyway {

	/** Flyway counts a removed migration of the very head as a future one. */
	private static final List<ValidatePattern> MISSING_VERSIONS = List
		.of(ValidatePattern.fromPattern("versioned:missing"), ValidatePattern.fromPattern("versioned:future"));

	private final Configuration configuration;

	private final MigrationConnections connections;

	private final HistoryTable table;

	private final FlywayRunSettings settings;

	/** What alone is applied, {@code null} for everything. */
	private final @Nullable NewRepeatables only;

	/** Whether a session lasts as long as its connection. */
	private final boolean ownSession;

	public LockedFlyway(Configuration configuration, MigrationConnections connections, HistoryTable table,
			FlywayRunSettings settings, @Nullable NewRepeatables only, boolean behindPooler) {
		this.configuration = configuration;
		this.connections = connections;
		this.table = table;
		this.settings = settings;
		this.only = only;
		this.ownSession = connections.areUnpooled() && !behindPooler;
	}

	/**
	 * Migrates.
	 * @param lock the lock, which stays held
	 * @param block what keeps the application out meanwhile, {@code null} for nothing; it
	 * is begun here
	 * @param termination cancels it when the JVM is told to end
	 * @return how many migrations were applied
	 * @throws FlywayException if a migration failed or Flyway refused to migrate
	 * @throws LockLostException if the lock was lost before a migration, or with the
	 * connection of one
	 * @throws HeadlockException if the application could not be kept out, or a migration
	 * did not get a lock in all its attempts
	 * @throws DatabaseUnavailableException if there was no connection beside the lock's
	 * @throws ConnectionLostException if the connection was lost, but not the lock
	 * @throws StartInterruptedException if the JVM was told to end
	 */
	public int migrate(HeldLock lock, @Nullable RoleLockout block, ShutdownCancellation termination) {
		DdlSettings ddl = this.settings.ddl();
		Fence fence = new Fence(this.table, lock,
				new FenceLock(this.table.fenceKey(), this.ownSession, (ddl != null) ? ddl.lockTimeout() : null));
		LockBypass dataSource = new LockBypass(this.connections.dataSource(), this.table, fence::beforeChoice,
				fence::afterChoice);
		Flyway flyway = derive(dataSource,
				(block != null) ? List.of(fence, new BeforeMigrations(block)) : List.of(fence));
		ConcurrentMigrationHandler contest = new ConcurrentMigrationHandler(this.table, lock, this.settings);
		lock.whenLost(new LockLossWatchdog(this.connections, fence, dataSource::cancel));
		try (LockTimeoutRetry queue = (ddl != null) ? new LockTimeoutRetry(ddl, lock, fence) : null) {
			int earlier = 0;
			while (true) {
				try {
					termination.cancelWith(dataSource::cancel);
					return earlier + flyway.migrate().migrationsExecuted;
				}
				catch (FlywayException ex) {
					RunningMigration interrupted = fence.givenUp();
					earlier = fence.applied();
					boolean again = !termination.hasBegun()
							&& (contest.wasLost(ex) || (queue != null && queue.again(ex, interrupted)));
					if (!again) {
						throw explain(ex, lock, dataSource, termination);
					}
				}
				finally {
					termination.cancelWith(() -> {
					});
				}
			}
		}
		finally {
			lock.whenLost(() -> {
			});
		}
	}

	private Flyway derive(LockBypass dataSource, List<Callback> callbacks) {
		FluentConfiguration derived = Flyway.configure(this.configuration.getClassLoader())
			.configuration(this.configuration)
			.dataSource(dataSource);
		derived.getPluginRegister().getExact(PostgreSQLConfigurationExtension.class).setTransactionalLock(false);
		// removed migrations were found to be fine, or the start refused
		if (this.settings.versionsMayBeMissing()) {
			derived.ignoreMigrationPatterns(
					Stream.concat(Stream.of(this.configuration.getIgnoreMigrationPatterns()), MISSING_VERSIONS.stream())
						.toArray(ValidatePattern[]::new));
		}
		if (this.only != null) {
			this.only.applyTo(derived);
		}
		Flyway flyway = derived.load();
		addFirst(callbacks, flyway.getConfiguration());
		return flyway;
	}

	/**
	 * After loading, because that replaces the callbacks that were given by those of the
	 * package {@code db.callback}, if there are any.
	 */
	private static void addFirst(List<Callback> callbacks, Configuration loaded) {
		if (!(loaded instanceof ClassicConfiguration classic)) {
			throw new UnsupportedFlywayException(
					"Flyway keeps its configuration in a way that Headlock does not know: " + loaded.getClass());
		}
		classic
			.setCallbacks(Stream.concat(callbacks.stream(), Stream.of(loaded.getCallbacks())).toArray(Callback[]::new));
	}

	private RuntimeException explain(FlywayException failure, HeldLock lock, LockBypass dataSource,
			ShutdownCancellation termination) {
		if (failure.getCause() instanceof HeadlockException ours) {
			return ours;
		}
		if (termination.hasBegun()) {
			return StartInterruptedException.whileMigrating(firstLine(failure), failure);
		}
		SQLException refused = dataSource.refusal();
		SQLException lost = ConnectionFailure.behind(failure);
		if (refused == null && lost == null) {
			return failure;
		}
		try {
			// a restart of the server ends the lock as well
			lock.ensureHeld();
		}
		catch (LockLostException ex) {
			ex.addSuppressed(failure);
			return ex;
		}
		if (refused != null) {
			return new DatabaseUnavailableException(this.connections.toString(),
					"There is no connection for the migration beside the one that holds the lock", refused);
		}
		return new ConnectionLostException(this.connections.toString(), firstLine(failure),
				PrintableText.line(lost.getMessage()), failure);
	}

	private static String firstLine(FlywayException exception) {
		return PrintableText.line(String.valueOf(exception.getMessage()).lines().findFirst().orElse(""));
	}

}
