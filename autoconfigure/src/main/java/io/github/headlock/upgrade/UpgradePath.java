package io.github.headlock.upgrade;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.schema.ReleaseMigrations;
import io.github.headlock.schema.Upgrade;
import io.github.headlock.schema.UpgradePolicy;
import io.github.headlock.schema.VersionedMigration;
import io.github.headlock.upgrade.UpgradeRefusedException.Rule;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Holds the way that upgrades must take to this release, and finds those that would leave
 * it. A fresh database takes no upgrade, and passes.
 *
 * @param minimum oldest schema that this release upgrades, {@code null} for any
 * @param stops releases that no upgrade may skip, in ascending order
 * @param skippedStop version of the one stop that may be skipped nevertheless,
 * {@code null} for none
 */
public record UpgradePath(@Nullable MigrationVersion minimum, List<RequiredStop> stops,
		@Nullable MigrationVersion skippedStop) implements UpgradePolicy {

	/**
	 * Copies the list.
	 * @param minimum oldest schema, {@code null} for any
	 * @param stops releases that no upgrade may skip, in ascending order
	 * @param skippedStop version of the stop that may be skipped, {@code null} for none
	 */
	public UpgradePath {
		stops = List.copyOf(stops);
	}

	/**
	 * Returns whether there is any rule.
	 * @return {@code false} if every upgrade may be made
	 */
	public boolean isActive() {
		return this.minimum != null || !this.stops.isEmpty();
	}

	/**
	 * Makes sure that no rule is set, because several histories with versions of their
	 * own are migrated, to which one rule cannot apply.
	 * @throws InvalidConfigurationPropertyValueException if a stop or the minimum is set
	 */
	public void ensureOneHistory() {
		String reason = "The application has several histories, one for each module, with versions of their own.";
		if (this.minimum != null) {
			throw invalidMinimum(this.minimum, reason);
		}
		if (!this.stops.isEmpty()) {
			throw new InvalidConfigurationPropertyValueException("headlock.required-stops[0].schema-version",
					this.stops.get(0).schemaVersion(), reason);
		}
	}

	/**
	 * Makes sure that the path leads to this release.
	 * @param release the migrations of this release
	 * @throws InvalidConfigurationPropertyValueException if a stop or the minimum lies
	 * above the head, a baseline migration stands for what older schemas above the
	 * minimum may lack, or nothing brings a fresh database to the minimum
	 */
	public void ensureLeadsTo(ReleaseMigrations release) {
		MigrationVersion head = release.head();
		String reason = (head != null) ? "It is above the highest version that this release contains, " + head + "."
				: "This release contains no versioned migration.";
		if (this.minimum != null) {
			ensureReachable(this.minimum, release, reason);
		}
		for (int i = 0; i < this.stops.size(); i++) {
			MigrationVersion stop = this.stops.get(i).schemaVersion();
			if (isAbove(stop, head)) {
				throw new InvalidConfigurationPropertyValueException(
						String.format(Locale.ROOT, "headlock.required-stops[%d].schema-version", i), stop, reason);
			}
		}
	}

	private static void ensureReachable(MigrationVersion minimum, ReleaseMigrations release, String reason) {
		if (isAbove(minimum, release.head())) {
			throw invalidMinimum(minimum, reason);
		}
		for (VersionedMigration baseline : release.baselines()) {
			if (baseline.order().compareTo(minimum) > 0 && !release.hasVersioned(baseline.order())) {
				throw invalidMinimum(minimum, String
					.format(Locale.ROOT, "Baseline migration B%s stands for migrations above it that this release "
							+ "does not contain, so that schemas between the two would never get them. Raise it to %s.",
							baseline.version(), baseline.version()));
			}
		}
	}

	private static InvalidConfigurationPropertyValueException invalidMinimum(MigrationVersion minimum, String reason) {
		return new InvalidConfigurationPropertyValueException("headlock.minimum-schema-version", minimum, reason);
	}

	private static boolean isAbove(MigrationVersion version, @Nullable MigrationVersion head) {
		return head == null || version.compareTo(head) > 0;
	}

	@Override
	public List<String> objections(Upgrade upgrade) {
		return violations(upgrade).stream().map(Violation::what).toList();
	}

	/**
	 * Finds everything that is wrong with an upgrade.
	 * @param upgrade the upgrade
	 * @return the violations, empty if it may be made
	 */
	public List<Violation> violations(Upgrade upgrade) {
		MigrationVersion current = upgrade.current();
		if (!isActive() || current == null) {
			return List.of();
		}
		List<Violation> violations = new ArrayList<>();
		RequiredStop passed = null;
		for (RequiredStop stop : this.stops) {
			if (stop.schemaVersion().compareTo(current) <= 0) {
				passed = stop;
			}
			else if (!isAtLeast(stop.schemaVersion(), upgrade.head()) && !isSkipped(stop)) {
				violations.add(missed(stop));
			}
		}
		if (this.minimum != null && current.compareTo(this.minimum) < 0) {
			violations.add(new Violation(Rule.MINIMUM, this.minimum.toString(), releaseThatReaches(this.minimum), String
				.format(Locale.ROOT, "It is too old: this release upgrades schemas from version %s on", this.minimum)));
		}
		if (upgrade.rerunsBaseline()) {
			violations.add(new Violation(Rule.REMOVED, current.toString(), null, String.format(Locale.ROOT,
					"Its history was repaired: all versions up to %s are marked as deleted, so that Flyway would take it for empty. Delete the rows of type DELETE",
					current)));
		}
		upgrade.removed().stream().filter(this::mustBeContained).map(this::removed).forEach(violations::add);
		if (passed != null) {
			addOutOfOrder(violations, upgrade.pending(), passed);
		}
		return violations;
	}

	private static boolean isAtLeast(MigrationVersion version, @Nullable MigrationVersion head) {
		return head == null || version.compareTo(head) >= 0;
	}

	/**
	 * Returns the stop that this upgrade passes only because somebody said so.
	 * @param upgrade the upgrade
	 * @return the stop, empty if none has to be skipped
	 */
	public Optional<RequiredStop> skipped(Upgrade upgrade) {
		MigrationVersion current = upgrade.current();
		return this.stops.stream()
			.filter((stop) -> isSkipped(stop) && current != null && stop.schemaVersion().compareTo(current) > 0
					&& !isAtLeast(stop.schemaVersion(), upgrade.head()))
			.findFirst();
	}

	private boolean isSkipped(RequiredStop stop) {
		return stop.schemaVersion().equals(this.skippedStop);
	}

	private static Violation missed(RequiredStop stop) {
		String why = (stop.reason() != null) ? ": " + stop.reason() : "";
		return new Violation(Rule.REQUIRED_STOP, stop.schemaVersion().toString(), stop.release(),
				String.format(Locale.ROOT, "Release %s, with schema version %s, must be installed first%s",
						stop.release(), stop.schemaVersion(), why));
	}

	private @Nullable String releaseThatReaches(MigrationVersion version) {
		return this.stops.stream()
			.filter((stop) -> stop.schemaVersion().compareTo(version) >= 0)
			.map(RequiredStop::release)
			.findFirst()
			.orElse(null);
	}

	private boolean mustBeContained(VersionedMigration removed) {
		return this.minimum == null || removed.order().compareTo(this.minimum) > 0;
	}

	private Violation removed(VersionedMigration removed) {
		String allowed = (this.minimum != null)
				? String.format(Locale.ROOT, "only those up to version %s may be gone", this.minimum)
				: "without headlock.minimum-schema-version none may be gone";
		return new Violation(Rule.REMOVED, removed.version(), null, String.format(Locale.ROOT,
				"The database has %s, which this release does not contain any more; %s", removed, allowed));
	}

	private static void addOutOfOrder(List<Violation> violations, List<VersionedMigration> pending,
			RequiredStop passed) {
		for (VersionedMigration migration : pending) {
			if (migration.order().compareTo(passed.schemaVersion()) <= 0) {
				violations.add(new Violation(Rule.OUT_OF_ORDER, migration.version(), null, String.format(Locale.ROOT,
						"The database lacks %s, although it is past release %s with schema version %s: if it is new, it needs a higher version",
						migration, passed.release(), passed.schemaVersion())));
			}
		}
	}

}
