package io.github.headlock.startup;

import java.time.Duration;

import io.github.headlock.background.BackgroundMigrations;
import io.github.headlock.background.CompletionSettings;
import io.github.headlock.flyway.DdlSettings;
import io.github.headlock.flyway.FlywayRunSettings;
import io.github.headlock.roles.SessionSettings;
import io.github.headlock.upgrade.UpgradePath;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a team decides about migrations.
 *
 * @param fastPath whether a schema at head is enough to go on without the lock and
 * without Flyway
 * @param failWhenAhead whether a schema ahead of this release ends the start
 * @param lockTimeout longest wait for the lock; zero tries once
 * @param pollInterval mean pause between two tries, positive
 * @param upgradePath which upgrades may be made
 * @param skip what a process does that never migrates, {@code null} if this one does
 * @param ddl how migrations queue for their table locks, {@code null} for as long as it
 * takes
 * @param sessions what happens to the application's sessions
 * @param background the background migrations of this release
 * @param completion what a start does about those that are not finished
 */
public record MigrationSettings(boolean fastPath, boolean failWhenAhead, Duration lockTimeout, Duration pollInterval,
		UpgradePath upgradePath, @Nullable SkipSettings skip, @Nullable DdlSettings ddl, SessionSettings sessions,
		BackgroundMigrations background, CompletionSettings completion) {

	FlywayRunSettings flywayRun() {
		return new FlywayRunSettings(this.lockTimeout, this.pollInterval, this.ddl, this.upgradePath.minimum() != null);
	}

}
