package io.github.headlock.startup;

import java.util.List;
import java.util.Objects;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.PrintableText;
import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.background.BackgroundCompletion;
import io.github.headlock.background.BackgroundOperations;
import io.github.headlock.background.BackgroundRunner;
import io.github.headlock.history.ApplicationConnections;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.roles.RoleRestoreWatch;
import io.github.headlock.schema.ReleaseMigrations;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.schema.SchemaHead;
import io.github.headlock.startup.WaitResult.LockAcquired;
import io.github.headlock.startup.WaitResult.SchemaReady;
import io.github.headlock.startup.WaitResult.TimedOut;
import io.github.headlock.waiting.Deadline;
import org.flywaydb.core.api.MigrationVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one schema through one start: compare it with this release, wait for the lock or
 * the schema, migrate. To be run once.
 */
final class SchemaMigration {

	private static final Logger logger = LoggerFactory.getLogger(SchemaMigration.class);

	private final StartContext context;

	private final MigrationSettings settings;

	private final HistoryTable table;

	private final SchemaHead head;

	private final Diagnostics diagnostics;

	private final MigrationGuards guards;

	SchemaMigration(StartContext context) {
		this.context = context;
		this.settings = context.settings();
		this.table = context.table();
		this.head = context.head();
		this.diagnostics = new Diagnostics(context.connections());
		this.guards = new MigrationGuards(context, this.diagnostics);
	}

	/**
	 * Brings the schema to head, or makes sure that it is there.
	 * @param contact what was read first, and its connection, which is closed here
	 * @return the schema, which this release can work with now
	 */
	ManagedSchema run(FirstContact contact) {
		PoolerWarnings
			.of(this.context.server(), this.table, this.context.configuration().getInitSql() != null,
					this.head.alwaysRunWork().needsEventConnection())
			.forEach((problem) -> logger.warn(
					"Connected through a connection pooler: {}. Set spring.flyway.url to the database itself",
					problem));
		this.head.migrations().ifPresent(this::ensureLeadsTo);
		if (finishes()) {
			this.head.upgrades().ensureListed("Background migrations cannot be finished");
		}
		MigrationReport report = resolve(await(contact));
		logger.info("Database {}: {}", report.isSchemaReady() ? "ready" : "not ready", ReadyLine.of(report));
		List<RoleRestoreWatch> watches = (this.settings.skip() != null) ? List.of()
				: List.of(new RoleRestoreWatch(this.context.connections(), this.table, this.context.lockouts(),
						this.settings.sessions().isActive()));
		List<BackgroundRunner> runners = backgroundRunners();
		return new ManagedSchema(report, this.table, this.context.connections(),
				new ApplicationConnections(this.settings.sessions().application(), this.table, this.context.server()),
				new LaterSchemaProbe(this.head, this.context.lockouts(),
						() -> watches.forEach(RoleRestoreWatch::notice)),
				this.settings.upgradePath(), watches, runsInBackground() ? runners : List.of(),
				new BackgroundOperations(this.settings.background(), this.context.connections(), this.table),
				new BackgroundCompletion(this.settings.background(), this.settings.completion(),
						this.context.connections(), HistoryTable.quote(this.context.server().user()), this.table,
						runners.stream().findFirst().orElse(null)));
	}

	private void ensureLeadsTo(ReleaseMigrations release) {
		this.settings.upgradePath().ensureLeadsTo(release);
		this.settings.background().ensureReached(release.head());
	}

	private List<BackgroundRunner> backgroundRunners() {
		MigrationVersion releaseHead = this.head.migrations().map(ReleaseMigrations::head).orElse(null);
		if (releaseHead == null || !(runsInBackground() || finishes())) {
			return List.of();
		}
		return List.of(new BackgroundRunner(this.settings.background(), this.context.connections(), this.table,
				releaseHead, (connection) -> this.head.look(connection).state()));
	}

	private boolean runsInBackground() {
		return this.settings.background().runsIn(this.settings.skip() != null);
	}

	private boolean finishes() {
		return this.settings.completion().finish() && !this.settings.background().isEmpty();
	}

	private WaitResult await(FirstContact contact) {
		SkipSettings skip = this.settings.skip();
		boolean readyIsEnough = this.settings.fastPath() && this.head.alwaysRunWork().isEmpty();
		WaitMode mode = readyIsEnough ? WaitMode.SCHEMA_OR_LOCK : WaitMode.LOCK;
		return new LockAcquisition(this.context.connections(), this.table, this.head, this.context.lockouts(),
				(skip != null) ? WaitMode.SCHEMA : mode, this.settings.pollInterval(), (skip != null)
						? contact.waiting().orElseGet(() -> Deadline.in(skip.patience())) : this.context.deadline())
			.await(contact);
	}

	private MigrationReport resolve(WaitResult result) {
		if (result instanceof SchemaReady ready) {
			return onReady(ready);
		}
		if (result instanceof LockAcquired acquired) {
			return new LockedMigration(this.context, this.diagnostics, this.guards).run(acquired);
		}
		return onTimedOut((TimedOut) result);
	}

	private MigrationReport onReady(SchemaReady ready) {
		SchemaStatus status = ready.status();
		if (status.state() == SchemaState.AHEAD) {
			this.guards.ensureAheadIsAccepted(status);
			if (!this.head.alwaysRunWork().isEmpty()) {
				logger.info("Not run, because the schema is ahead of this release: {}", this.head.alwaysRunWork());
			}
		}
		MigrationOutcome outcome = ready.atFirstLook() ? MigrationOutcome.FAST_PATH : MigrationOutcome.WAITED;
		return this.context.report((this.settings.skip() != null) ? MigrationOutcome.SKIPPED : outcome, status,
				ready.waited());
	}

	private MigrationReport onTimedOut(TimedOut result) {
		SkipSettings skip = Objects.requireNonNull(this.settings.skip());
		if (skip.onSchemaBehind() != OnSchemaBehind.REPORT) {
			throw new SchemaBehindException(this.table.schema(), result.status(), result.waited());
		}
		logger.warn(
				"Schema \"{}\" is {}: {}. This process starts without migrating it, and its health says so until "
						+ "another one has",
				PrintableText.name(this.table.schema()), result.status().state(), result.status().reason());
		return this.context.report(MigrationOutcome.SKIPPED, result.status(), result.waited());
	}

}
