package io.github.headlock.startup;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.flyway.UnsupportedFlywayException;
import io.github.headlock.schema.FlywayVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootVersion;

/**
 * Tells whether Headlock works with the versions of Spring Boot and Flyway at hand. A
 * version that cannot be found out counts as supported. Refers to nothing that older
 * versions lack.
 */
public final class SupportedVersions {

	private static final int SPRING_BOOT_MAJOR = 4;

	/** Its {@code Scanner} is as in all later ones, that of 11.13.0 is not. */
	private static final int FLYWAY_MAJOR = 11;

	private static final int FLYWAY_MINOR = 14;

	/** From these on it is not known how Spring Boot makes a Flyway. */
	private static final int UNKNOWN_SPRING_BOOT_MINOR = 2;

	private static final int UNKNOWN_FLYWAY_MAJOR = 14;

	private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*");

	private SupportedVersions() {
	}

	/**
	 * Returns whether Spring Boot is recent enough.
	 * @return {@code false} if it is older than 4.0
	 */
	public static boolean isSpringBootSupported() {
		return isAtLeast(SpringBootVersion.getVersion(), SPRING_BOOT_MAJOR, 0);
	}

	/**
	 * Refuses a Flyway that lacks what Headlock calls.
	 * @throws UnsupportedFlywayException if it is older than 11.14
	 */
	static void ensureFlyway() {
		if (!isAtLeast(FlywayVersion.current(), FLYWAY_MAJOR, FLYWAY_MINOR)) {
			throw new UnsupportedFlywayException(describe());
		}
	}

	/**
	 * Returns whether the versions are among those whose ways of making a Flyway have
	 * been compared with what Headlock expects: Spring Boot 4.0 and 4.1, Flyway 11.14 to
	 * 13.
	 * @return {@code false} if one is older, newer or cannot be found out
	 */
	public static boolean areKnown() {
		return areKnown(SpringBootVersion.getVersion(), FlywayVersion.current());
	}

	static boolean areKnown(@Nullable String springBoot, @Nullable String flyway) {
		return isAtLeast(springBoot, SPRING_BOOT_MAJOR, 0)
				&& !isAtLeast(springBoot, SPRING_BOOT_MAJOR, UNKNOWN_SPRING_BOOT_MINOR)
				&& isAtLeast(flyway, FLYWAY_MAJOR, FLYWAY_MINOR) && !isAtLeast(flyway, UNKNOWN_FLYWAY_MAJOR, 0);
	}

	/**
	 * Names the versions that Headlock needs, and those that it found.
	 * @return a sentence
	 */
	public static String describe() {
		String flyway = FlywayVersion.current();
		return String.format(Locale.ROOT,
				"Headlock needs Spring Boot %d.0 or later and Flyway %d.%d or later; found Spring Boot %s%s",
				SPRING_BOOT_MAJOR, FLYWAY_MAJOR, FLYWAY_MINOR, SpringBootVersion.getVersion(),
				(flyway != null) ? " and Flyway " + flyway : "");
	}

	static boolean isAtLeast(@Nullable String version, int major, int minor) {
		Matcher matcher = VERSION.matcher((version != null) ? version : "");
		if (!matcher.matches()) {
			return true;
		}
		int foundMajor = Integer.parseInt(matcher.group(1));
		return foundMajor > major || (foundMajor == major && Integer.parseInt(matcher.group(2)) >= minor);
	}

}
