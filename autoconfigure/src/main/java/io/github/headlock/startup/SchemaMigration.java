package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.PrintableText;
import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.flyway.InvalidIndexes;
import io.github.headlock.flyway.LockedFlyway;
import io.github.headlock.flyway.ShutdownCancellation;
import io.github.headlock.history.ApplicationConnections;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.roles.RoleLockout;
import io.github.headlock.roles.RoleLockouts;
import io.github.headlock.schema.FailedMigrationException;
import io.github.headlock.schema.NewRepeatables;
import io.github.headlock.schema.SchemaAheadException;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.schema.SchemaHead;
import io.github.headlock.schema.Upgrade;
import io.github.headlock.upgrade.UpgradePath;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.Stopwatch;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one schema through one start: look, wait for the lock, migrate. To be run once.
 */
final class SchemaMigration {

	private static final Logger logger = LoggerFactory.getLogger(SchemaMigration.class);

	private final Deadline deadline;

	private final Configuration configuration;

	private final MigrationConnections connections;

	private final MigrationSettings settings;

	private final ServerFacts server;

	private final HistoryTable table;

	private final SchemaHead head;

	private final RoleLockouts blocks;

	private final Diagnostics hints;

	SchemaMigration(Configuration configuration, MigrationConnections connections, ServerFacts server,
			MigrationSettings settings, Deadline deadline) {
		this.configuration = configuration;
		this.connections = connections;
		this.settings = settings;
		this.server = server;
		this.deadline = deadline;
		this.table = HistoryTable.of(configuration, server);
		this.head = SchemaHead.of(configuration, this.table, server, settings.upgradePath(), settings.skip() == null);
		this.blocks = new RoleLockouts(connections, this.table);
		this.hints = new Diagnostics(connections);
		PoolerWarnings.of(server, this.table, configuration.getInitSql() != null, this.head.needsEventConnection())
			.forEach((problem) -> logger.warn(
					"A pooler stands before the database: {}. " + "Set spring.flyway.url to the database itself",
					problem));
	}

	/**
	 * Runs.
	 * @param first an open connection, which is closed here
	 * @return the schema, which this release can work with now
	 */
	ManagedSchema run(Connection first) {
		this.head.carried().ifPresent(this.settings.upgradePath()::ensureLeadsTo);
		MigrationReport report = come(await(first));
		logger.info("Database ready: {}", ReadyLine.of(report));
		return new ManagedSchema(report, this.table, this.connections,
				new ApplicationConnections(this.settings.sessions().application(), this.table, this.server),
				this.head::lookLater, this.blocks, this.settings.upgradePath());
	}

	private WaitResult await(Connection first) {
		SkipSettings skip = this.settings.skip();
		boolean readyIsEnough = this.settings.fastPath() && this.head.standingWork().isEmpty();
		WaitMode aim = readyIsEnough ? WaitMode.READY : WaitMode.LOCK;
		return new LockAcquisition(this.connections, this.table, this.head, this.blocks,
				(skip != null) ? WaitMode.WATCH : aim, this.settings.pollInterval(),
				(skip != null) ? Deadline.in(skip.patience()) : this.deadline)
			.await(first);
	}

	private MigrationReport come(WaitResult admission) {
		if (admission instanceof WaitResult.Locked locked) {
			return migrate(locked);
		}
		if (admission instanceof WaitResult.Unready unready) {
			return report(unready);
		}
		return accept((WaitResult.Ready) admission);
	}

	private MigrationReport report(WaitResult.Unready unready) {
		SkipSettings skip = Objects.requireNonNull(this.settings.skip());
		if (skip.onSchemaBehind() != OnSchemaBehind.REPORT) {
			throw new SchemaBehindException(this.table.schema(), unready.status(), unready.waited());
		}
		logger.warn(
				"Schema \"{}\" is {}: {}. This process starts without migrating it, and its health says so until "
						+ "another one has",
				PrintableText.name(this.table.schema()), unready.status().state(), unready.status().reason());
		return report(MigrationOutcome.SKIPPED, unready.status(), unready.waited());
	}

	private MigrationReport accept(WaitResult.Ready ready) {
		SchemaStatus status = ready.status();
		if (status.state() == SchemaState.AHEAD) {
			ensureAheadIsAccepted(status);
			if (!this.head.standingWork().isEmpty()) {
				logger.info("Not run, because the schema is ahead of this release: {}", this.head.standingWork());
			}
		}
		MigrationOutcome outcome = ready.atFirstLook() ? MigrationOutcome.FAST_PATH : MigrationOutcome.WAITED;
		return report((this.settings.skip() != null) ? MigrationOutcome.SKIPPED : outcome, status, ready.waited());
	}

	private void ensureAheadIsAccepted(SchemaStatus status) {
		if (this.settings.failWhenAhead()) {
			throw new SchemaAheadException(this.table.schema(), status, "headlock.on-schema-ahead=fail");
		}
		if (!this.head.acceptsLaterReleases()) {
			throw new SchemaAheadException(this.table.schema(), status,
					"spring.flyway.ignore-migration-patterns without *:future");
		}
	}

	private MigrationReport migrate(WaitResult.Locked locked) {
		Stopwatch held = new Stopwatch();
		try (ShutdownCancellation termination = new ShutdownCancellation(); HeldLock lock = locked.lock()) {
			lock.keepAlive();
			SchemaStatus before = locked.status();
			if (before.state() == SchemaState.FAILED) {
				throw new FailedMigrationException(this.table.qualifiedName(), before,
						this.hints.failedRows(lock, this.head), this.hints.invalidIndexes(lock));
			}
			NewRepeatables only = null;
			if (before.state() == SchemaState.AHEAD) {
				ensureAheadIsAccepted(before);
				only = newRepeatables(lock);
				Optional<String> obstacle = only.obstacle(this.configuration);
				if (obstacle.isPresent()) {
					logger.warn(
							"Not applied on a schema that is ahead of this release, because {}: repeatable migrations "
									+ "{}",
							obstacle.get(), only);
					return report(MigrationOutcome.FAST_PATH, before, locked.waited());
				}
			}
			else {
				checkUpgrade(lock);
			}
			boolean concernsSessions = this.settings.sessions().isActive() && before.state() != SchemaState.AT_HEAD;
			this.connections.ensureAtLeast((concernsSessions || this.head.needsEventConnection()) ? 3 : 2,
					this.settings.lockTimeout());
			logger.info("Migration lock of {} taken after {}; running Flyway, because {}", this.table,
					Stopwatch.seconds(locked.waited()),
					(only != null) ? "these repeatable migrations were never applied: " + only : why(before));
			this.hints.trust(lock, this.table)
				.forEach((problem) -> logger.warn("What other roles could do to this migration: {}", problem));
			try (RoleLockout block = concernsSessions ? prepareBlock(lock) : null) {
				int migrations = migrate(lock, block, only, termination);
				SchemaStatus after = lookAgain(lock);
				if (!after.state().isReady()) {
					logger.warn("Flyway has done its work, and still the schema is {}: {}", after.state(),
							after.reason());
				}
				return report(MigrationOutcome.MIGRATED, after, migrations,
						(block != null) ? block.terminatedSessions() : 0, locked.waited(), held.elapsed());
			}
		}
	}

	private int migrate(HeldLock lock, @Nullable RoleLockout block, @Nullable NewRepeatables only,
			ShutdownCancellation termination) {
		try {
			return new LockedFlyway(this.configuration, this.connections, this.table, this.settings.flywayRun(), only,
					this.server.pooler())
				.migrate(lock, block, termination);
		}
		catch (RuntimeException ex) {
			throw (block != null) ? block.explain(ex) : ex;
		}
		finally {
			List<String> invalid = this.hints.invalidIndexes(lock);
			if (!invalid.isEmpty()) {
				logger.warn(InvalidIndexes.warning(invalid));
			}
		}
	}

	private void checkUpgrade(HeldLock lock) {
		UpgradePath path = this.settings.upgradePath();
		if (!path.isActive()) {
			return;
		}
		Upgrade upgrade = upgrade(lock);
		List<Violation> violations = path.violations(upgrade);
		if (!violations.isEmpty()) {
			throw new UpgradeRefusedException(this.table.schema(), text(upgrade.current()), text(upgrade.head()),
					violations);
		}
		path.skipped(upgrade)
			.ifPresent((stop) -> logger.warn(
					"SKIPPING release {}, a required stop with schema version {}, on the way from version {} to version {}: "
							+ "headlock.skip-required-stop is set. Remove it when this is done",
					stop.release(), stop.schemaVersion(), upgrade.current(), upgrade.head()));
	}

	private NewRepeatables newRepeatables(HeldLock lock) {
		try {
			return lock.read(this.head::newRepeatables);
		}
		catch (SQLException ex) {
			throw new DatabaseUnavailableException(this.connections.toString(), "The history table cannot be read", ex);
		}
	}

	private Upgrade upgrade(HeldLock lock) {
		try {
			return lock.read(this.head::upgrade);
		}
		catch (SQLException ex) {
			throw new DatabaseUnavailableException(this.connections.toString(), "The upgrade path cannot be checked",
					ex);
		}
	}

	private static @Nullable String text(@Nullable MigrationVersion version) {
		return (version != null) ? version.toString() : null;
	}

	private RoleLockout prepareBlock(HeldLock lock) {
		try {
			return this.blocks.prepare(this.settings.sessions(), lock);
		}
		catch (SQLException ex) {
			throw new DatabaseUnavailableException(this.connections.toString(),
					"The application's roles cannot be looked at", ex);
		}
	}

	private SchemaStatus lookAgain(HeldLock lock) {
		try {
			return lock.read(this.head::lookAfterMigration);
		}
		catch (SQLException ex) {
			lock.ensureHeld();
			return SchemaStatus.unknown(PrintableText.line(ex.getMessage()));
		}
	}

	private String why(SchemaStatus status) {
		if (status.state() != SchemaState.AT_HEAD) {
			return String.valueOf(status.reason());
		}
		return this.settings.fastPath() ? "there is work for every start: " + this.head.standingWork()
				: "headlock.fast-path is off";
	}

	private MigrationReport report(MigrationOutcome outcome, SchemaStatus status, Duration waited) {
		return report(outcome, status, 0, 0, waited, Duration.ZERO);
	}

	private MigrationReport report(MigrationOutcome outcome, SchemaStatus status, int migrations, int terminated,
			Duration waited, Duration held) {
		return new MigrationReport(outcome, this.table.schema(), status, migrations, terminated, waited, held,
				this.deadline.stopwatch().elapsed());
	}

}
