package io.github.headlock.startup;

import java.util.List;
import java.util.Optional;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.background.BackgroundGate;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.schema.FailedMigrationException;
import io.github.headlock.schema.HistoryHiddenException;
import io.github.headlock.schema.NewRepeatables;
import io.github.headlock.schema.SchemaAheadException;
import io.github.headlock.schema.Upgrade;
import io.github.headlock.upgrade.UpgradePath;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;
import io.github.headlock.waiting.ShutdownCancellation;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses what must not be migrated, before anything is changed, and decides what Flyway
 * is to apply.
 */
final class MigrationGuards {

	private static final Logger logger = LoggerFactory.getLogger(MigrationGuards.class);

	private final StartContext context;

	private final Diagnostics diagnostics;

	MigrationGuards(StartContext context, Diagnostics diagnostics) {
		this.context = context;
		this.diagnostics = diagnostics;
	}

	/**
	 * Checks the schema under the lock.
	 * @param lock the lock
	 * @param status the schema as seen under the lock
	 * @param shutdown cancels a long look or change when the JVM is told to end
	 * @return what Flyway is to apply, empty if that is nothing
	 * @throws FailedMigrationException if a migration of this release has failed
	 * @throws SchemaAheadException if the schema is ahead and a setting refuses that
	 * @throws HistoryHiddenException if rows of the history may be hidden
	 * @throws UpgradeRefusedException if the upgrade path does not allow it, or a
	 * background migration is not finished
	 */
	Optional<MigrationPlan> check(HeldLock lock, SchemaStatus status, ShutdownCancellation shutdown) {
		if (status.state() == SchemaState.FAILED) {
			throw new FailedMigrationException(this.context.table().qualifiedName(), status,
					this.diagnostics.failedRows(lock, this.context.head()), this.diagnostics.invalidIndexes(lock));
		}
		if (status.state() == SchemaState.AHEAD) {
			ensureAheadIsAccepted(status);
			return newRepeatables(lock, shutdown);
		}
		if (status.state() == SchemaState.UNKNOWN) {
			ensureRowsAreSeen(lock);
		}
		checkUpgrade(lock);
		if (status.state() == SchemaState.BEHIND) {
			// pods of an older release, which read the same setting, may not know the
			// name
			this.context.settings().background().ensureSkippedExists(this.context.head().upgrades()::allDirectives);
		}
		BackgroundGate gate = gate(shutdown);
		if (!this.context.settings().background().isEmpty()) {
			this.context.head()
				.upgrades()
				.ensureListed("Which migrations require a background migration cannot be determined");
		}
		this.context.read(lock, this.context.head().upgrades()::directives, "The history table cannot be read")
			.ifPresent((upgrade) -> {
				this.context.connections().ensureAtLeast(2, this.context.settings().lockTimeout());
				gate.close(lock, upgrade, this.context.configuration().isGroup());
			});
		return Optional.of(new MigrationPlan(null, reason(status), gate));
	}

	/**
	 * Makes sure that this release may work with a schema that is ahead of it.
	 * @param status the schema
	 * @throws SchemaAheadException if a setting refuses that
	 */
	void ensureAheadIsAccepted(SchemaStatus status) {
		String schema = this.context.table().schema();
		if (this.context.settings().failWhenAhead()) {
			throw new SchemaAheadException(schema, status, "headlock.on-schema-ahead=fail");
		}
		if (!this.context.head().acceptsLaterReleases()) {
			throw new SchemaAheadException(schema, status, "spring.flyway.ignore-migration-patterns without *:future");
		}
	}

	/** Flyway would apply once more what it does not see. */
	private void ensureRowsAreSeen(HeldLock lock) {
		if (this.context.read(lock, this.context.head()::mayHideRows, "The history table cannot be read")) {
			throw new HistoryHiddenException(this.context.table().toString(), this.context.server().user());
		}
	}

	private Optional<MigrationPlan> newRepeatables(HeldLock lock, ShutdownCancellation shutdown) {
		NewRepeatables only = this.context.read(lock, this.context.head().upgrades()::newRepeatables,
				"The history table cannot be read");
		Optional<String> reason = only.reasonNotToRun(this.context.configuration());
		if (reason.isPresent()) {
			logger.warn("Not applied on a schema that is ahead of this release, because {}: repeatable migrations {}",
					reason.get(), only);
			return Optional.empty();
		}
		return Optional
			.of(new MigrationPlan(only, "these repeatable migrations were never applied: " + only, gate(shutdown)));
	}

	private BackgroundGate gate(ShutdownCancellation shutdown) {
		return new BackgroundGate(this.context.settings().background(), this.context.connections(),
				this.context.table(), shutdown);
	}

	private void checkUpgrade(HeldLock lock) {
		UpgradePath path = this.context.settings().upgradePath();
		if (!path.isActive()) {
			return;
		}
		Upgrade upgrade = this.context.read(lock, this.context.head().upgrades()::upgrade,
				"The upgrade path cannot be checked");
		List<Violation> violations = path.violations(upgrade);
		if (!violations.isEmpty()) {
			throw new UpgradeRefusedException(this.context.table().schema(), text(upgrade.current()),
					text(upgrade.head()), violations);
		}
		path.skipped(upgrade)
			.ifPresent((stop) -> logger.warn(
					"SKIPPING release {}, a required stop with schema version {}, on the way from version {} to version {}: "
							+ "headlock.skip-required-stop is set. Remove it when this is done",
					stop.release(), stop.schemaVersion(), upgrade.current(), upgrade.head()));
	}

	private static @Nullable String text(@Nullable MigrationVersion version) {
		return (version != null) ? version.toString() : null;
	}

	private String reason(SchemaStatus status) {
		if (status.state() != SchemaState.AT_HEAD) {
			return String.valueOf(status.reason());
		}
		return this.context.settings().fastPath()
				? "there is work for every start: " + this.context.head().alwaysRunWork() : "headlock.fast-path is off";
	}

}
