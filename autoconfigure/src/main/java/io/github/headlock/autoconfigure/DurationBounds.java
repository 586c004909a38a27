package io.github.headlock.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What the duration of a property may be.
 */
enum DurationBounds {

	/** 0 means not to wait. */
	UP_TO_A_YEAR(Duration.ZERO, Duration.ofDays(365), "It must be between 0 and 365 days."),

	/** Where 0 has no meaning. */
	MILLISECOND_TO_YEAR(Duration.ofMillis(1), Duration.ofDays(365), "It must be between 1 ms and 365 days."),

	/** What PostgreSQL has as an integer of milliseconds. */
	MILLISECOND_TO_DAY(Duration.ofMillis(1), Duration.ofDays(1), "It must be between 1 ms and 1 day."),

	/** Of what is repeated. */
	MILLISECOND_TO_HOUR(Duration.ofMillis(1), Duration.ofHours(1), "It must be between 1 ms and 1 hour.");

	private final Duration shortest;

	private final Duration longest;

	private final String rule;

	DurationBounds(Duration shortest, Duration longest, String rule) {
		this.shortest = shortest;
		this.longest = longest;
		this.rule = rule;
	}

	/**
	 * Returns the duration.
	 * @param property name of the property
	 * @param duration its value
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	Duration check(String property, Duration duration) {
		if (duration.compareTo(this.shortest) < 0 || duration.compareTo(this.longest) > 0) {
			throw new InvalidConfigurationPropertyValueException(property, duration, this.rule);
		}
		return duration;
	}

}
