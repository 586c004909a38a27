package io.github.headlock.schema;

import java.util.stream.Stream;

import io.github.headlock.history.AppliedMigrations;
import io.github.headlock.history.History;
import io.github.headlock.history.HistoryRow;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Tells which versions Flyway leaves out, as {@code spring.flyway.target} says.
 *
 * @param version the target, {@code null} if there is none
 * @param mustExist whether Flyway refuses a version that nothing has
 */
@SuppressWarnings("ReferenceEquality") // Flyway tells its markers apart by instance
record Target(@Nullable MigrationVersion version, boolean mustExist) {

	static Target of(Configuration configuration) {
		MigrationVersion target = configuration.getTarget();
		boolean isVersion = target != null && target != MigrationVersion.LATEST && target != MigrationVersion.CURRENT
				&& target != MigrationVersion.NEXT;
		return new Target((target != MigrationVersion.LATEST) ? target : null,
				isVersion && configuration.isFailOnMissingTarget());
	}

	/**
	 * Returns what leaves a version out that is not applied. The target {@code next} does
	 * not: each run of Flyway applies one of the versions that are pending.
	 * @param migration the version
	 * @param applied what is applied
	 * @return the target, {@code null} if the version is not above it
	 */
	@Nullable MigrationVersion leavingOut(MigrationVersion migration, AppliedMigrations applied) {
		if (this.version == null || this.version == MigrationVersion.NEXT) {
			return null;
		}
		boolean above = (this.version == MigrationVersion.CURRENT) ? !applied.isBelowCurrent(migration)
				: migration.compareTo(this.version) > 0;
		return above ? this.version : null;
	}

	/**
	 * Returns what Flyway refuses.
	 * @param release the migrations of this release
	 * @param history the history
	 * @return the difference, {@code null} if some migration has the target's version
	 */
	@Nullable Difference missing(ReleaseMigrations release, History history) {
		boolean found = !this.mustExist || Stream
			.concat(release.resolved().stream().map(ResolvedMigration::getVersion),
					history.rows().stream().map(HistoryRow::version))
			.anyMatch((one) -> one != null && one.equals(this.version));
		return found ? null : Difference.of("no migration has the version of the target, " + this.version, null);
	}

}
