package io.github.headlock.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The migration lock.
 */
public class LockProperties {

	private static final Duration MIN_POLL_INTERVAL = Duration.ofMillis(1);

	private static final Duration MAX_POLL_INTERVAL = Duration.ofHours(1);

	/**
	 * Longest wait for the migration lock. 0 tries once.
	 */
	private Duration timeout = Duration.ofMinutes(15);

	/**
	 * Mean pause between two tries for the lock. Each pause is half to one and a half
	 * times as long.
	 */
	private Duration pollInterval = Duration.ofMillis(500);

	/** Creates the properties with their defaults. */
	public LockProperties() {
	}

	/**
	 * {@return the longest wait for the migration lock; 0 to try once}
	 */
	public Duration getTimeout() {
		return this.timeout;
	}

	/**
	 * Sets the longest wait for the migration lock.
	 * @param timeout the bound, at most 365 days; 0 to try once
	 * @throws InvalidConfigurationPropertyValueException if it is negative or longer
	 */
	public void setTimeout(Duration timeout) {
		if (timeout.isNegative() || timeout.compareTo(HeadlockProperties.MAX_TIMEOUT) > 0) {
			throw new InvalidConfigurationPropertyValueException("headlock.lock.timeout", timeout,
					"It must be between 0 and 365 days.");
		}
		this.timeout = timeout;
	}

	/**
	 * {@return the mean pause between two tries for the lock}
	 */
	public Duration getPollInterval() {
		return this.pollInterval;
	}

	/**
	 * Sets the mean pause between two tries for the lock.
	 * @param pollInterval the pause, from 1 ms to 1 hour
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	public void setPollInterval(Duration pollInterval) {
		if (pollInterval.compareTo(MIN_POLL_INTERVAL) < 0 || pollInterval.compareTo(MAX_POLL_INTERVAL) > 0) {
			throw new InvalidConfigurationPropertyValueException("headlock.lock.poll-interval", pollInterval,
					"It must be between 1 ms and 1 hour.");
		}
		this.pollInterval = pollInterval;
	}

}
