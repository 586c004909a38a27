package io.github.headlock.background;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Holds what a team decides about holds of background migrations.
 *
 * @param maxReplicationLag lag of a standby from which they hold; zero for any
 * @param maxWalRate WAL of a second from which they hold, {@code null} for any
 * @param beans what the application asks for
 */
public record ThrottleSettings(Duration maxReplicationLag, @Nullable DataSize maxWalRate, ThrottleBeans beans) {

	/** For processes that work on none. */
	static final ThrottleSettings NONE = new ThrottleSettings(Duration.ZERO, null, ThrottleBeans.NONE);

}
