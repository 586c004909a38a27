package io.github.headlock.schema;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * Finds out the version of Flyway without any of its classes.
 */
public final class FlywayVersion {

	/** Flyway's own record, from which it prints its version. */
	private static final String RESOURCE = "org/flywaydb/core/internal/version.txt";

	private FlywayVersion() {
	}

	/**
	 * Returns the version.
	 * @return the version, {@code null} if it cannot be found out
	 */
	public static @Nullable String current() {
		try (InputStream stream = FlywayVersion.class.getClassLoader().getResourceAsStream(RESOURCE)) {
			return (stream != null) ? new String(stream.readAllBytes(), StandardCharsets.UTF_8).trim() : null;
		}
		catch (IOException ex) {
			return null;
		}
	}

}
