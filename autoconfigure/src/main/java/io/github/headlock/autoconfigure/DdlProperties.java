package io.github.headlock.autoconfigure;

import java.time.Duration;

import io.github.headlock.flyway.DdlSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * How migrations queue for the locks of the tables they change.
 */
public class DdlProperties {

	/**
	 * Longest that a statement of a transactional migration may queue for a table lock,
	 * and hold up the application's statements behind it. Without it, there is no bound.
	 */
	private @Nullable Duration lockTimeout;

	/**
	 * How often a migration is tried that did not get a table lock in time, or was in a
	 * deadlock, with a growing pause in between.
	 */
	private int maxAttempts = 10;

	/** Creates the properties with their defaults. */
	public DdlProperties() {
	}

	/**
	 * {@return the longest wait for a table lock, {@code null} for no bound}
	 */
	public @Nullable Duration getLockTimeout() {
		return this.lockTimeout;
	}

	/**
	 * Sets the longest that a statement of a transactional migration may queue for a
	 * table lock.
	 * @param lockTimeout the bound, from 1 ms to 1 day, {@code null} for none
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	public void setLockTimeout(@Nullable Duration lockTimeout) {
		this.lockTimeout = (lockTimeout != null)
				? DurationBounds.MILLISECOND_TO_DAY.check("headlock.ddl.lock-timeout", lockTimeout) : null;
	}

	/**
	 * {@return how often a migration is tried that did not get a table lock in time}
	 */
	public int getMaxAttempts() {
		return this.maxAttempts;
	}

	/**
	 * Sets how often a migration is tried that did not get a table lock in time.
	 * @param maxAttempts the number of tries, the first included; at least 1
	 * @throws InvalidConfigurationPropertyValueException if it is lower
	 */
	public void setMaxAttempts(int maxAttempts) {
		if (maxAttempts < 1) {
			throw new InvalidConfigurationPropertyValueException("headlock.ddl.max-attempts", maxAttempts,
					"It must be at least 1.");
		}
		this.maxAttempts = maxAttempts;
	}

	/**
	 * What the properties come to, {@code null} to let migrations queue as long as it
	 * takes.
	 */
	@Nullable DdlSettings settings() {
		return (this.lockTimeout != null) ? new DdlSettings(this.lockTimeout, this.maxAttempts) : null;
	}

}
