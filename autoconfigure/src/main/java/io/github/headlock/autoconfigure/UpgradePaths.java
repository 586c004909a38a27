package io.github.headlock.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import io.github.headlock.upgrade.RequiredStop;
import io.github.headlock.upgrade.UpgradePath;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Makes an upgrade path of the properties.
 */
public final class UpgradePaths {

	private static final Pattern VERSION = Pattern.compile("\\d+([._]\\d+)*");

	private UpgradePaths() {
	}

	/**
	 * Makes the path.
	 * @param properties the properties
	 * @return the path
	 * @throws InvalidConfigurationPropertyValueException if a stop lacks its version or
	 * its release, the stops are not in ascending order, or the one to skip is none of
	 * them
	 */
	public static UpgradePath of(HeadlockProperties properties) {
		List<RequiredStop> stops = new ArrayList<>();
		for (RequiredStopProperties stop : properties.getRequiredStops()) {
			stops.add(stop(stops, stop));
		}
		String toSkip = properties.getSkipRequiredStop();
		MigrationVersion skipped = (toSkip != null && !toSkip.isBlank())
				? version("headlock.skip-required-stop", toSkip) : null;
		if (skipped != null && stops.stream().noneMatch((stop) -> stop.schemaVersion().equals(skipped))) {
			throw new InvalidConfigurationPropertyValueException("headlock.skip-required-stop", skipped,
					String.format(Locale.ROOT,
							"It is the schema version of none of headlock.required-stops, which are %s.",
							stops.stream().map(RequiredStop::schemaVersion).toList()));
		}
		return new UpgradePath(version("headlock.minimum-schema-version", properties.getMinimumSchemaVersion()), stops,
				skipped);
	}

	private static RequiredStop stop(List<RequiredStop> before, RequiredStopProperties stop) {
		String name = String.format(Locale.ROOT, "headlock.required-stops[%d]", before.size());
		MigrationVersion version = version(name + ".schema-version", stop.getSchemaVersion());
		if (version == null) {
			throw new InvalidConfigurationPropertyValueException(name + ".schema-version", "", "It is missing.");
		}
		String release = stop.getRelease();
		if (release == null || release.isBlank()) {
			throw new InvalidConfigurationPropertyValueException(name + ".release", "",
					"It is missing; operators are told to install it.");
		}
		if (!before.isEmpty() && before.get(before.size() - 1).schemaVersion().compareTo(version) >= 0) {
			throw new InvalidConfigurationPropertyValueException(name + ".schema-version", version,
					String.format(Locale.ROOT, "Required stops must be in ascending order, and the one before is %s.",
							before.get(before.size() - 1).schemaVersion()));
		}
		return new RequiredStop(version, release, stop.getReason());
	}

	private static @Nullable MigrationVersion version(String name, @Nullable String text) {
		if (text == null) {
			return null;
		}
		if (!VERSION.matcher(text).matches()) {
			throw new InvalidConfigurationPropertyValueException(name, text,
					"It must be a version of a migration, such as 42, 1.10 or 202401311200.");
		}
		return MigrationVersion.fromVersion(text);
	}

}
