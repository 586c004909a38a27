package io.github.headlock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The properties and what an IDE is told of them.
 */
class HeadlockPropertiesTests {

	@Test
	void defaultsAreThoseOfTheDocumentation() {
		HeadlockProperties properties = new HeadlockProperties();
		assertThat(properties.isEnabled()).isTrue();
		assertThat(properties.getFastPath()).isEqualTo(HeadlockProperties.FastPath.AUTO);
		assertThat(properties.getOnSchemaAhead()).isEqualTo(HeadlockProperties.OnSchemaAhead.ACCEPT);
		assertThat(properties.getLock().getTimeout()).isEqualTo(Duration.ofMinutes(15));
		assertThat(properties.getLock().getPollInterval()).isEqualTo(Duration.ofMillis(500));
	}

	@Test
	void theMetadataDescribesEveryProperty() throws IOException {
		Map<String, Map<String, Object>> metadata = metadata();
		assertThat(metadata).containsOnlyKeys("headlock.enabled", "headlock.fast-path", "headlock.on-schema-ahead",
				"headlock.lock.timeout", "headlock.lock.poll-interval", "management.health.schema.enabled");
		assertThat(metadata.values()).allSatisfy((property) -> {
			assertThat((String) property.get("description")).endsWith(".").doesNotStartWith("The ");
			assertThat(property).containsKey("defaultValue");
		});
		assertThat(metadata.get("headlock.lock.timeout")).containsEntry("defaultValue", "15m")
			.containsEntry("type", "java.time.Duration");
		assertThat(metadata.get("headlock.lock.poll-interval")).containsEntry("defaultValue", "500ms");
		assertThat(metadata.get("headlock.fast-path")).containsEntry("defaultValue", "auto");
		assertThat(metadata.get("headlock.on-schema-ahead")).containsEntry("defaultValue", "accept");
	}

	@ParameterizedTest
	@CsvSource({ "headlock.lock.timeout, -1s", "headlock.lock.poll-interval, 0", "headlock.lock.poll-interval, -1s",
			"headlock.lock.timeout, soon", "headlock.lock.timeout, 366d", "headlock.lock.poll-interval, 61m",
			"headlock.fast-path, maybe", "headlock.on-schema-ahead, ignore" })
	void aWrongValueIsRefusedWithTheNameOfTheProperty(String name, String value) {
		assertThatExceptionOfType(BindException.class).isThrownBy(() -> bind(Map.of(name, value)))
			.satisfies((ex) -> assertThat(ex).hasStackTraceContaining(name));
	}

	@ParameterizedTest
	@ValueSource(strings = { "off", "false", "OFF" })
	void fastPathOffIsUnderstoodAsYamlReadsIt(String value) {
		assertThat(bind(Map.of("headlock.fast-path", value)).getFastPath()).isEqualTo(HeadlockProperties.FastPath.OFF);
	}

	private static HeadlockProperties bind(Map<String, String> properties) {
		return new Binder(new MapConfigurationPropertySource(properties)).bind("headlock", HeadlockProperties.class)
			.get();
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Map<String, Object>> metadata() throws IOException {
		try (InputStream resource = HeadlockProperties.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			assertThat(resource).isNotNull();
			List<Map<String, Object>> properties = (List<Map<String, Object>>) JsonParserFactory.getJsonParser()
				.parseMap(new String(resource.readAllBytes()))
				.get("properties");
			return properties.stream()
				.collect(Collectors.toMap((property) -> (String) property.get("name"), (property) -> property));
		}
	}

}
