package io.github.headlock.autoconfigure;

import java.time.Duration;

import io.github.headlock.background.BackgroundRun;
import io.github.headlock.background.CompletionSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Reads from the properties what a start does about background migrations that are not
 * finished, and refuses properties that contradict each other.
 */
final class BackgroundCompletions {

	private static final String FINISH = "headlock.background.finish";

	private BackgroundCompletions() {
	}

	static CompletionSettings of(HeadlockProperties properties) {
		BackgroundProperties background = properties.getBackground();
		@Nullable Duration timeout = background.getFinishTimeout();
		if (timeout != null && !background.isFinish()) {
			throw new InvalidConfigurationPropertyValueException("headlock.background.finish-timeout", timeout,
					"It is the bound of " + FINISH + "=true, which is not set. Set both or remove it.");
		}
		if (background.isFinish() && properties.isSkipMigrations() && background.getRun() != BackgroundRun.ALWAYS) {
			throw new InvalidConfigurationPropertyValueException(FINISH, true,
					"headlock.skip-migrations=true is set, and such a process works on background migrations only with "
							+ "headlock.background.run=always. Set that, with the privileges that it needs, or let the "
							+ "process that migrates finish them.");
		}
		return new CompletionSettings(background.isFinish(), timeout, properties.isSkipMigrations(),
				properties.isExitAfterMigration());
	}

}
