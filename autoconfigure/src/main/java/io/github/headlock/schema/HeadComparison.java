package io.github.headlock.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.AppliedMigrations;
import io.github.headlock.history.History;
import io.github.headlock.history.HistoryRow;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
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

	private final IgnorePatterns ignored;

	private final Target target;

	private final ReleaseMigrations release;

	private final @Nullable MigrationVersion head;

	/** Highest of this release's own baseline migrations. */
	private final @Nullable MigrationVersion squashed;

	private final Set<String> repeatables;

	private final RemovedMigrations removed;

	HeadComparison(Configuration configuration, ReleaseMigrations release, @Nullable MigrationVersion minimum) {
		this.configuration = configuration;
		this.ignored = new IgnorePatterns(configuration);
		this.target = Target.of(configuration);
		this.release = release;
		this.head = release.head();
		this.squashed = release.squashed();
		this.repeatables = release.resolved()
			.stream()
			.filter((migration) -> migration.getVersion() == null)
			.map((migration) -> abbreviate(migration.getDescription()))
			.collect(Collectors.toUnmodifiableSet());
		this.removed = new RemovedMigrations(this.ignored, release, this.repeatables, minimum);
	}

	Comparison compare(History history) {
		AppliedMigrations applied = new AppliedMigrations(history.rows());
		Set<MigrationVersion> lacking = lacking(applied);
		boolean later = hasNewerThanHead(applied);
		List<Difference> failed = applied.failed()
			.stream()
			.filter(this::concernsThisRelease)
			.map((row) -> Difference.of(row + " failed", row))
			.toList();
		if (!failed.isEmpty()) {
			return new Comparison(status(SchemaState.FAILED, applied, 0, failed.get(0).text()), failed, 0, lacking,
					later);
		}
		List<Difference> pending = new ArrayList<>();
		for (ResolvedMigration migration : this.release.resolved()) {
			if (migration.getVersion() != null) {
				addIfPresent(pending, pendingReason(migration, migration.getVersion(), applied));
			}
		}
		Difference missing = this.target.missing(this.release, history);
		if (pending.isEmpty() && missing == null && later) {
			return new Comparison(status(SchemaState.AHEAD, applied, newRepeatables(history).size(), ahead(applied)),
					List.of(), 0, lacking, true);
		}
		List<Difference> leftOut = pending.stream().filter(Difference::leftOut).toList();
		pending.removeAll(leftOut);
		for (ResolvedMigration migration : this.release.resolved()) {
			if (migration.getVersion() == null) {
				addIfPresent(pending, pendingReason(migration, applied));
			}
		}
		List<Difference> differences = new ArrayList<>(pending);
		addIfPresent(differences, missing);
		if (!history.exists()) {
			differences.add(0, Difference.of("there is no history table", null));
		}
		else {
			applied.anomalies().forEach((text) -> differences.add(Difference.of(text, null)));
			differences.addAll(this.removed.find(applied));
			if (history.schemasMissing()) {
				differences.add(Difference.of("a schema that Flyway is to create is missing", null));
			}
		}
		SchemaStatus status = differences.isEmpty()
				? status(SchemaState.AT_HEAD, applied, leftOut.size(), details(applied.failed(), leftOut))
				: status(SchemaState.BEHIND, applied, pending.size() + leftOut.size(),
						summary(history.exists(), differences));
		return new Comparison(status, differences, leftOut.size(), lacking, later);
	}

	/**
	 * Lists the repeatable migrations of this release that were never applied.
	 * @param history the history
	 * @return the migrations, none if those that were may be hidden
	 */
	List<ResolvedMigration> newRepeatables(History history) {
		if (history.rowSecurity()) {
			return List.of();
		}
		AppliedMigrations applied = new AppliedMigrations(history.rows());
		return this.release.resolved()
			.stream()
			.filter((migration) -> migration.getVersion() == null && shouldExecute(migration)
					&& applied.repeatable(abbreviate(migration.getDescription())) == null)
			.toList();
	}

	/** What a later release has failed to do is not this one's concern. */
	private boolean concernsThisRelease(HistoryRow failed) {
		MigrationVersion version = failed.version();
		return (version != null) ? this.head != null && version.compareTo(this.head) <= 0
				: this.repeatables.contains(failed.description());
	}

	private Set<MigrationVersion> lacking(AppliedMigrations applied) {
		Set<MigrationVersion> lacking = new HashSet<>();
		for (ResolvedMigration migration : this.release.resolved()) {
			MigrationVersion version = migration.getVersion();
			if (version != null && !migration.getType().isUndo() && !migration.getType().isBaseline()
					&& !applied.isEffective(version)) {
				lacking.add(version);
			}
		}
		return lacking;
	}

	private static String ahead(AppliedMigrations applied) {
		String reason = "the database has migrations of a later release";
		return applied.failed().isEmpty() ? reason : reason + "; " + details(applied.failed(), List.of());
	}

	private static @Nullable String details(List<HistoryRow> failed, List<Difference> leftOut) {
		if (failed.isEmpty()) {
			return leftOut.isEmpty() ? null : summary(true, leftOut);
		}
		return failed.get(0) + ", which this release does not contain, failed";
	}

	/** What Flyway would do, or complain of, for a versioned migration. */
	private @Nullable Difference pendingReason(ResolvedMigration migration, MigrationVersion version,
			AppliedMigrations applied) {
		if (migration.getType().isUndo() || applied.isCoveredByBaseline(version)) {
			return null;
		}
		if (migration.getType().isBaseline()) {
			return (applied.isEmpty() && version.equals(this.squashed)) ? Difference.pending(migration) : null;
		}
		HistoryRow row = applied.versioned(version);
		if (row != null) {
			return matches(migration, row) ? null
					: Difference.changed(migration, " is not the one that was applied", row);
		}
		boolean squashedAway = applied.isEmpty() && this.squashed != null && version.compareTo(this.squashed) <= 0;
		boolean passedOver = applied.isBelowCurrent(version) && !this.configuration.isOutOfOrder()
				&& (this.ignored.ignoreAll(true) || this.ignored.ignore(true, MigrationState.IGNORED));
		if (squashedAway || !shouldExecute(migration)) {
			return null;
		}
		MigrationVersion target = this.target.leavingOut(version, applied);
		if (target != null) {
			return Difference.leftOut(migration, target);
		}
		return passedOver ? null : Difference.pending(migration);
	}

	/** What Flyway would do for a repeatable migration. */
	private @Nullable Difference pendingReason(ResolvedMigration migration, AppliedMigrations applied) {
		HistoryRow row = applied.repeatable(abbreviate(migration.getDescription()));
		if (row == null) {
			return shouldExecute(migration) ? Difference.pending(migration) : null;
		}
		boolean sameType = this.ignored.ignoreAll(false) || migration.getType().name().equals(row.type());
		boolean sameText = this.release.texts().match(migration, row)
				|| this.release.scripts().alwaysPending().contains(migration.getScript());
		return (sameType && sameText) ? null : Difference.changed(migration, " has changed", row);
	}

	private boolean matches(ResolvedMigration migration, HistoryRow row) {
		return migration.getType().name().equals(row.type())
				&& (this.ignored.ignoreAll(true) || (migration.checksumMatches(row.checksum())
						&& abbreviate(migration.getDescription()).equals(row.description())));
	}

	private boolean hasNewerThanHead(AppliedMigrations applied) {
		for (HistoryRow row : applied.versionedRows()) {
			if (!row.isBaselineMarker() && isAboveHead(row)) {
				return true;
			}
		}
		return applied.failed().stream().anyMatch(this::isAboveHead);
	}

	private boolean isAboveHead(HistoryRow row) {
		return row.version() != null && (this.head == null || row.version().compareTo(this.head) > 0);
	}

	private static boolean shouldExecute(ResolvedMigration migration) {
		return migration.getExecutor() == null || migration.getExecutor().shouldExecute();
	}

	private SchemaStatus status(SchemaState state, AppliedMigrations applied, int pending, @Nullable String reason) {
		return new SchemaStatus(state, text(applied.current()), text(this.head), pending, reason);
	}

	private static @Nullable String text(@Nullable MigrationVersion version) {
		return (version != null) ? version.toString() : null;
	}

	private static void addIfPresent(List<Difference> list, @Nullable Difference element) {
		if (element != null) {
			list.add(element);
		}
	}

	private static String summary(boolean historyExists, List<Difference> differences) {
		String first = differences.get(0).text();
		return (differences.size() == 1 || !historyExists) ? first
				: first + ", and " + (differences.size() - 1) + " more";
	}

	private static String abbreviate(String description) {
		return (description.length() <= MAX_DESCRIPTION) ? description
				: description.substring(0, MAX_DESCRIPTION - 3) + "...";
	}

}
