package io.github.headlock.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The migration lock.
 */
public class LockProperties {

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
		this.timeout = DurationBounds.UP_TO_A_YEAR.check("headlock.lock.timeout", timeout);
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
		this.pollInterval = DurationBounds.MILLISECOND_TO_HOUR.check("headlock.lock.poll-interval", pollInterval);
	}

}
