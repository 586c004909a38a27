package io.github.headlock.migration;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

import io.github.headlock.ConnectionLostException;
import io.github.headlock.DatabaseUnavailableException;
import io.github.headlock.HeadlockException;
import io.github.headlock.database.ConnectionFailure;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.session.RoleBlock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;
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
final class LockedFlyway {

	/** Flyway counts a removed migration of the very head as a future one. */
	private static final List<ValidatePattern> MISSING_VERSIONS = List
		.of(ValidatePattern.fromPattern("versioned:missing"), ValidatePattern.fromPattern("versioned:future"));

	private final Configuration configuration;

	private final MigrationConnections connections;

	private final HistoryTable table;

	/** Whether applied migrations that are not carried any more were found to be fine. */
	private final boolean missingIsFine;

	LockedFlyway(Configuration configuration, MigrationConnections connections, HistoryTable table,
			boolean missingIsFine) {
		this.configuration = configuration;
		this.connections = connections;
		this.table = table;
		this.missingIsFine = missingIsFine;
	}

	/**
	 * Migrates.
	 * @param lock the lock, which stays held
	 * @param block what keeps the application out meanwhile, {@code null} for nothing; it
	 * is begun here
	 * @param termination cancels it when the JVM is told to end
	 * @return what Flyway did
	 * @throws FlywayException if a migration failed or Flyway refused to migrate
	 * @throws io.github.headlock.LockLostException if the lock was lost before a
	 * migration
	 * @throws HeadlockException if the application could not be kept out
	 * @throws DatabaseUnavailableException if there was no connection beside the lock's
	 * @throws ConnectionLostException if the connection was lost
	 */
	MigrateResult migrate(HeldLock lock, @Nullable RoleBlock block, Termination termination) {
		LockBypass dataSource = new LockBypass(this.connections.dataSource(), this.table, lock);
		termination.cancelWith(dataSource::cancel);
		FluentConfiguration derived = Flyway.configure(this.configuration.getClassLoader())
			.configuration(this.configuration)
			.dataSource(dataSource);
		derived.getPluginRegister().getExact(PostgreSQLConfigurationExtension.class).setTransactionalLock(false);
		if (this.missingIsFine) {
			derived.ignoreMigrationPatterns(
					Stream.concat(Stream.of(this.configuration.getIgnoreMigrationPatterns()), MISSING_VERSIONS.stream())
						.toArray(ValidatePattern[]::new));
		}
		if (block != null) {
			derived.callbacks(
					Stream.concat(Stream.of(this.configuration.getCallbacks()), Stream.of(new BeforeMigrations(block)))
						.toArray(Callback[]::new));
		}
		try {
			return derived.load().migrate();
		}
		catch (FlywayException ex) {
			if (ex.getCause() instanceof HeadlockException ours) {
				throw ours;
			}
			if (termination.hasBegun()) {
				throw new ConnectionLostException(this.connections.toString(), firstLine(ex),
						"this process was told to end", ex);
			}
			SQLException refused = dataSource.refusal();
			if (refused != null) {
				throw new DatabaseUnavailableException(this.connections.toString(),
						"There is no connection for the migration beside the one that holds the lock", refused);
			}
			SQLException lost = ConnectionFailure.behind(ex);
			if (lost != null) {
				throw new ConnectionLostException(this.connections.toString(), firstLine(ex), lost.getMessage(), ex);
			}
			throw ex;
		}
		finally {
			termination.cancelWith(() -> {
			});
		}
	}

	private static String firstLine(FlywayException exception) {
		return String.valueOf(exception.getMessage()).lines().findFirst().orElse("");
	}

}