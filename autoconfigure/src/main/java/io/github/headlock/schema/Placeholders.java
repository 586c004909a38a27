package io.github.headlock.schema;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * Finds the placeholders in scripts. As for Flyway, the case of their letters does not
 * matter, and a script's own configuration file says whether they are replaced in it.
 *
 * @param configuration Flyway's configuration
 * @param resources where the scripts come from
 */
record Placeholders(Configuration configuration, ResourceProvider resources) {

	/** The names in lower case; empty if none are replaced in this script. */
	Set<String> in(LoadableResource script) {
		if (!areReplaced(script)) {
			return Set.of();
		}
		Pattern pattern = Pattern.compile(Pattern.quote(this.configuration.getPlaceholderPrefix()) + "(.+?)"
				+ Pattern.quote(this.configuration.getPlaceholderSuffix()));
		try (BufferedReader reader = new BufferedReader(script.read())) {
			return reader.lines()
				.flatMap((line) -> pattern.matcher(line).results())
				.map((found) -> found.group(1).toLowerCase(Locale.ROOT))
				.collect(Collectors.toSet());
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot read " + script.getAbsolutePath(), ex);
		}
	}

	private boolean areReplaced(LoadableResource script) {
		LoadableResource own = this.resources.getResource(script.getRelativePath() + ".conf");
		String value = (own != null) ? read(own).getProperty("placeholderReplacement") : null;
		return (value != null) ? Boolean.parseBoolean(value.strip()) : this.configuration.isPlaceholderReplacement();
	}

	private static Properties read(LoadableResource own) {
		Properties properties = new Properties();
		try (BufferedReader reader = new BufferedReader(own.read())) {
			properties.load(reader);
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot read " + own.getAbsolutePath(), ex);
		}
		return properties;
	}

}
