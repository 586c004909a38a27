package io.github.headlock.head;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.pattern.ValidatePattern;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Compares the history with the migrations of this release. Pure: the same history gives
 * the same status.
 * <p>
 * A schema is at head when Flyway's {@code migrate} would change nothing and refuse
 * nothing. An empty {@code info().pending()} is less: it leaves out changed checksums,
 * removed migrations, and migrations below the current version.
 */
final class HeadComparison {

	/** As Flyway's {@code AbbreviationUtils.abbreviateDescription}. */
	private static final int MAX_DESCRIPTION = 200;

	private final Configuration configuration;

	private final LocalMigrations local;

	private final @Nullable MigrationVersion head;

	/** Highest of this release's own baseline migrations. */
	private final @Nullable MigrationVersion squashed;

	/** Type and version of each versioned migration, by which Flyway finds it. */
	private final Set<String> versioned = new HashSet<>();

	private final Set<String> repeatables = new HashSet<>();

	/** Applied migrations up to this version need not be carried any more. */
	private final @Nullable MigrationVersion minimum;

	HeadComparison(Configuration configuration, LocalMigrations local, @Nullable MigrationVersion minimum) {
		this.configuration = configuration;
		this.local = local;
		this.minimum = minimum;
		this.head = local.head();
		this.squashed = local.squashed();
		for (ResolvedMigration migration : local.all()) {
			MigrationVersion version = migration.getVersion();
			if (version == null) {
				this.repeatables.add(abbreviate(migration.getDescription()));
				continue;
			}
			this.versioned.add(migration.getType().name() + " " + version);
		}
	}

	SchemaStatus compare(History history) {
		AppliedMigrations applied = new AppliedMigrations(history.rows());
		if (!applied.failed().isEmpty()) {
			return status(SchemaState.FAILED, applied, List.of(), applied.failed().get(0) + " failed");
		}
		List<String> pending = new ArrayList<>();
		for (ResolvedMigration migration : this.local.all()) {
			if (migration.getVersion() != null) {
				addIfPresent(pending, openQuestion(migration, migration.getVersion(), applied));
			}
		}
		if (pending.isEmpty() && hasNewerThanHead(applied)) {
			return status(SchemaState.AHEAD, applied, pending, "the database has migrations of a later release");
		}
		for (ResolvedMigration migration : this.local.all()) {
			if (migration.getVersion() == null) {
				addIfPresent(pending, openQuestion(migration, applied));
			}
		}
		if (!history.exists()) {
			return status(SchemaState.BEHIND, applied, pending, "there is no history table");
		}
		List<String> doubts = new ArrayList<>(pending);
		doubts.addAll(applied.oddities());
		addRemoved(doubts, applied);
		if (history.schemasMissing()) {
			doubts.add("a schema that Flyway is to create is missing");
		}
		return doubts.isEmpty() ? status(SchemaState.AT_HEAD, applied, pending, null)
				: status(SchemaState.BEHIND, applied, pending, summary(doubts));
	}

	/** What Flyway would do, or complain of, for a versioned migration. */
	private @Nullable String openQuestion(ResolvedMigration migration, MigrationVersion version,
			AppliedMigrations applied) {
		if (migration.getType().isUndo() || applied.isCoveredByBaseline(version)) {
			return null;
		}
		if (migration.getType().isBaseline()) {
			return (applied.isEmpty() && version.equals(this.squashed)) ? name(migration) + " is pending" : null;
		}
		HistoryRow row = applied.versioned(version);
		if (row != null) {
			return matches(migration, row) ? null : name(migration) + " is not the one that was applied";
		}
		boolean squashedAway = applied.isEmpty() && this.squashed != null && version.compareTo(this.squashed) <= 0;
		boolean passedOver = applied.isBelowCurrent(version) && !this.configuration.isOutOfOrder()
				&& (!this.configuration.isValidateOnMigrate() || ignores(true, MigrationState.IGNORED));
		if (squashedAway || passedOver || isAboveTarget(version, applied) || !shouldExecute(migration)) {
			return null;
		}
		return name(migration) + " is pending";
	}

	/** What Flyway would do for a repeatable migration. */
	private @Nullable String openQuestion(ResolvedMigration migration, AppliedMigrations applied) {
		HistoryRow row = applied.repeatable(abbreviate(migration.getDescription()));
		if (row == null) {
			return shouldExecute(migration) ? name(migration) + " is pending" : null;
		}
		boolean sameType = !this.configuration.isValidateOnMigrate() || migration.getType().name().equals(row.type());
		boolean sameText = migration.checksumMatches(row.checksum())
				|| this.local.alwaysPending().contains(migration.getScript());
		return (sameType && sameText) ? null : name(migration) + " has changed";
	}

	private boolean matches(ResolvedMigration migration, HistoryRow row) {
		if (!migration.getType().name().equals(row.type())) {
			return false;
		}
		return !this.configuration.isValidateOnMigrate() || (migration.checksumMatches(row.checksum())
				&& abbreviate(migration.getDescription()).equals(row.description()));
	}

	private boolean hasNewerThanHead(AppliedMigrations applied) {
		for (HistoryRow row : applied.versionedRows()) {
			if (!row.isBaselineMarker() && (this.head == null || row.version().compareTo(this.head) > 0)) {
				return true;
			}
		}
		return false;
	}

	private void addRemoved(List<String> doubts, AppliedMigrations applied) {
		if (!this.configuration.isValidateOnMigrate()) {
			return;
		}
		if (!ignores(true, MigrationState.MISSING_SUCCESS)) {
			for (HistoryRow row : applied.versionedRows()) {
				boolean carried = row.isBaselineMarker() || this.versioned.contains(row.type() + " " + row.version());
				if (!carried && !isSquashed(row) && !isPassedOverAsFuture(row)) {
					doubts.add(row + " was applied, but is not carried by this release");
				}
			}
		}
		if (!ignores(false, MigrationState.MISSING_SUCCESS)) {
			for (HistoryRow row : applied.repeatableRows()) {
				if (!this.repeatables.contains(row.description())) {
					doubts.add(row + " was applied, but is not carried by this release");
				}
			}
		}
	}

	/** Flyway is told to pass over these, see {@code LockedFlyway}. */
	private boolean isSquashed(HistoryRow row) {
		MigrationVersion version = row.version();
		return this.minimum != null && version != null && version.compareTo(this.minimum) <= 0
				&& (this.head == null || version.compareTo(this.head) <= 0);
	}

	/**
	 * Flyway counts a removed migration of the very head among those of a later release.
	 */
	private boolean isPassedOverAsFuture(HistoryRow row) {
		return this.head != null && row.version() != null && row.version().compareTo(this.head) >= 0
				&& ignores(true, MigrationState.FUTURE_SUCCESS);
	}

	private boolean ignores(boolean versioned, MigrationState state) {
		for (ValidatePattern pattern : this.configuration.getIgnoreMigrationPatterns()) {
			if (pattern.matchesMigration(versioned, state)) {
				return true;
			}
		}
		return false;
	}

	private boolean isAboveTarget(MigrationVersion version, AppliedMigrations applied) {
		MigrationVersion target = this.configuration.getTarget();
		if (target == MigrationVersion.CURRENT) {
			return !applied.isBelowCurrent(version);
		}
		return target != null && target != MigrationVersion.NEXT && version.compareTo(target) > 0;
	}

	private static boolean shouldExecute(ResolvedMigration migration) {
		return migration.getExecutor() == null || migration.getExecutor().shouldExecute();
	}

	private SchemaStatus status(SchemaState state, AppliedMigrations applied, List<String> pending,
			@Nullable String reason) {
		return new SchemaStatus(state, text(applied.current()), text(this.head), pending.size(), reason);
	}

	private static @Nullable String text(@Nullable MigrationVersion version) {
		return (version != null) ? version.toString() : null;
	}

	private static void addIfPresent(List<String> list, @Nullable String element) {
		if (element != null) {
			list.add(element);
		}
	}

	private static String summary(List<String> doubts) {
		return (doubts.size() == 1) ? doubts.get(0) : doubts.get(0) + ", and " + (doubts.size() - 1) + " more";
	}

	private static String name(ResolvedMigration migration) {
		return (migration.getVersion() != null)
				? "version " + migration.getVersion() + " (" + migration.getDescription() + ")"
				: "repeatable migration \"" + migration.getDescription() + "\"";
	}

	private static String abbreviate(String description) {
		return (description.length() <= MAX_DESCRIPTION) ? description
				: description.substring(0, MAX_DESCRIPTION - 3) + "...";
	}

}
