package io.github.headlock.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.headlock.autoconfigure.HeadlockProperties;

import org.springframework.boot.json.JsonParserFactory;

/**
 * What an IDE is told of the properties, as the build has generated it.
 */
public final class ConfigurationMetadata {

	private static final Map<String, Object> CONTENT = read();

	private ConfigurationMetadata() {
	}

	/** By their names. */
	public static Map<String, Map<String, Object>> properties() {
		return byName("properties");
	}

	/** By their names. */
	public static Map<String, Map<String, Object>> groups() {
		return byName("groups");
	}

	/** The descriptions of a property's values; empty for one without hints. */
	@SuppressWarnings("unchecked")
	public static Map<String, String> values(String property) {
		Map<String, String> descriptions = new LinkedHashMap<>();
		Map<String, Object> hint = byName("hints").getOrDefault(property, Map.of("values", List.of()));
		((List<Map<String, Object>>) hint.get("values"))
			.forEach((value) -> descriptions.put(value.get("value").toString(), (String) value.get("description")));
		return descriptions;
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Map<String, Object>> byName(String kind) {
		Map<String, Map<String, Object>> items = new LinkedHashMap<>();
		((List<Map<String, Object>>) CONTENT.get(kind)).forEach((item) -> items.put((String) item.get("name"), item));
		return items;
	}

	private static Map<String, Object> read() {
		try (InputStream resource = HeadlockProperties.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			return JsonParserFactory.getJsonParser()
				.parseMap(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
