package io.github.headlock.schema;

import java.util.List;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Decides which upgrades a release may make.
 */
public interface UpgradePolicy {

	/**
	 * Returns the oldest schema that this release upgrades. Migrations up to it may be
	 * gone from the release, because no database that lacks them gets past this policy.
	 * @return the version, {@code null} if every schema is upgraded and nothing may be
	 * gone
	 */
	@Nullable MigrationVersion minimum();

	/**
	 * Returns what stands against an upgrade.
	 * @param upgrade the upgrade
	 * @return each objection in words, empty if there is none
	 */
	List<String> objections(Upgrade upgrade);

}
