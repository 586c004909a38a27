package io.github.headlock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.github.headlock.test.ConfigurationMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an IDE is told of the properties.
 */
class ConfigurationMetadataTests {

	private static final Path SOURCES = Path.of("src/main/java");

	private static final Set<String> WITHOUT_DEFAULT = Set.of("headlock.background.skip",
			"headlock.background.max-wal-rate", "headlock.background.finish-timeout", "headlock.ddl.lock-timeout",
			"headlock.sessions.roles", "headlock.minimum-schema-version", "headlock.required-stops",
			"headlock.skip-required-stop");

	private final Map<String, Map<String, Object>> properties = ConfigurationMetadata.properties();

	@Test
	void everyPropertyIsDescribed() {
		assertThat(this.properties.keySet()).filteredOn((name) -> name.startsWith("headlock."))
			.containsExactlyInAnyOrderElementsOf(PropertyNames.ALL.stream()
				// read by UpgradePathCheck in a test of the user's
				.filter((name) -> !name.equals("headlock.record-released-migrations"))
				.toList());
		assertThat(this.properties.keySet()).filteredOn((name) -> !name.startsWith("headlock."))
			.containsExactlyInAnyOrder("management.health.schema.enabled", "management.endpoint.headlock.access",
					"management.endpoint.headlock.cache.time-to-live", "management.endpoint.headlockbackground.access",
					"management.endpoint.headlockbackground.cache.time-to-live");
		assertThat(this.properties.values()).allSatisfy(
				(property) -> assertThat((String) property.get("description")).endsWith(".").doesNotStartWith("The "));
	}

	@Test
	void everyDefaultIsToldUnlessThereIsNone() {
		assertThat(this.properties.values()).allSatisfy((property) -> {
			String name = (String) property.get("name");
			// nothing, and an empty list, are not worth a mention
			assertThat(property.containsKey("defaultValue"))
				.isNotEqualTo(name.contains("[") || WITHOUT_DEFAULT.contains(name));
		});
		assertThat(this.properties.get("headlock.lock.timeout")).containsEntry("defaultValue", "15m")
			.containsEntry("type", "java.time.Duration");
		assertThat(this.properties.get("headlock.lock.poll-interval")).containsEntry("defaultValue", "500ms");
		assertThat(this.properties.get("headlock.fast-path")).containsEntry("defaultValue", "auto");
		assertThat(this.properties.get("headlock.on-schema-ahead")).containsEntry("defaultValue", "accept");
		assertThat(this.properties.get("headlock.sessions.block-with")).containsEntry("defaultValue", "nologin");
		assertThat(this.properties.get("headlock.sessions.drain-timeout")).containsEntry("defaultValue", "1m");
	}

	@Test
	void everyGroupIsDescribed() {
		assertThat(ConfigurationMetadata.groups()).containsOnlyKeys("headlock", "headlock.background", "headlock.ddl",
				"headlock.lock", "headlock.required-stops[0]", "headlock.sessions", "management.endpoint.headlock",
				"management.endpoint.headlockbackground");
		assertThat(ConfigurationMetadata.groups().values())
			.allSatisfy((group) -> assertThat((String) group.get("description")).endsWith("."));
	}

	static List<String> enumProperties() {
		return ConfigurationMetadata.properties()
			.entrySet()
			.stream()
			.filter((property) -> type(property.getValue()).startsWith("io.github.headlock."))
			.map(Map.Entry::getKey)
			.toList();
	}

	@ParameterizedTest
	@MethodSource("enumProperties")
	void everyValueOfAnEnumIsDescribedAsInItsJavadoc(String name) throws Exception {
		Class<?> type = Class.forName(type(this.properties.get(name)));
		Map<String, String> values = ConfigurationMetadata.values(name);
		assertThat(values.keySet()).containsExactlyElementsOf(Arrays.stream(type.getEnumConstants())
			.map((constant) -> constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
			.toList());
		String source = source(type.getName());
		assertThat(values).allSatisfy((value, description) -> assertThat(source)
			.contains("/** " + description + " */ " + value.toUpperCase(Locale.ROOT).replace('-', '_')));
	}

	@ParameterizedTest
	@CsvSource({ "schema-version, schemaVersion", "release, release", "reason, reason" })
	void everyPropertyOfARequiredStopIsDescribedAsInItsJavadoc(String name, String field) throws IOException {
		assertThat(source(RequiredStopProperties.class.getName()))
			.contains("/** " + this.properties.get("headlock.required-stops[0]." + name).get("description")
					+ " */ private @Nullable String " + field + ";");
	}

	private static String type(Map<String, Object> property) {
		return (String) property.get("type");
	}

	/** Each comment in one line. */
	private static String source(String type) throws IOException {
		return Files.readString(SOURCES.resolve(type.replace('.', '/') + ".java"))
			.replaceAll("\\s+\\*(?!/)", " ")
			.replaceAll("\\s+", " ");
	}

}
