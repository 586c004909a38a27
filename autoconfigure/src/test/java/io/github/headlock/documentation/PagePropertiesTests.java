package io.github.headlock.documentation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.github.headlock.autoconfigure.HeadlockProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * The properties that the pages name, in a sentence or in a block of settings.
 */
class PagePropertiesTests {

	private static final Pattern NAME = Pattern
		.compile("(?<![\\w./-])(?:headlock|spring|management|server|logging)(?:\\.[a-z][a-z0-9-]*)+");

	private static final Pattern SETTINGS = Pattern
		.compile("(?m)^( *)```yaml\n((?: *#.*\n)? *(?:headlock|spring|management)[.:][^`]*)^ *```$");

	/**
	 * Named as what does not exist, of a library that the tests do without, and an
	 * observation.
	 */
	private static final Set<String> OTHERS = Set.of("headlock.lock-timeout", "spring.modulith.runtime.flyway-enabled",
			"headlock.start", "headlock.start.active");

	/** What an IDE knows of Headlock and of Spring Boot: types by names. */
	private static final Map<String, String> TYPES = types();

	private final String meters = new GeneratedPage("reference.md").section("Metrics");

	static List<Path> pages() throws IOException {
		return PageLinksTests.pages();
	}

	@ParameterizedTest
	@MethodSource("pages")
	void everyPropertyThatAPageNamesExists(Path page) throws IOException {
		assertThat(NAME.matcher(Files.readString(page)).results().map(MatchResult::group))
			.filteredOn((name) -> !OTHERS.contains(name) && !this.meters.contains('`' + name + '`'))
			.allMatch(PagePropertiesTests::exists);
	}

	@ParameterizedTest
	@MethodSource("pages")
	void everySettingOfABlockExistsAndHasAValueOfItsType(Path page) throws IOException {
		for (Properties settings : settings(page)) {
			assertThat(settings.keySet()).isNotEmpty().allMatch((name) -> exists((String) name));
			assertThatNoException()
				.isThrownBy(() -> new Binder(new MapConfigurationPropertySource(settings)).bind("headlock",
						Bindable.of(HeadlockProperties.class), new NoUnboundElementsBindHandler(BindHandler.DEFAULT)));
		}
	}

	@Test
	void aMisspelledPropertyDoesNotExist() {
		assertThat(List.of("headlock.lock.timout", "headlock.required-stops[0].version", "spring.flyway.urls",
				"spring.flyway.url.host"))
			.noneMatch(PagePropertiesTests::exists);
		assertThat(List.of("headlock.lock.timeout", "headlock.required-stops[0].schema-version",
				"management.endpoint.health.group.startup.include"))
			.allMatch(PagePropertiesTests::exists);
	}

	/** A property, a group of them, or an entry of a property that is a map. */
	private static boolean exists(String name) {
		String property = name.replaceAll("\\[\\d+]", "[0]");
		if (TYPES.containsKey(property)) {
			return true;
		}
		for (int dot = property.lastIndexOf('.'); dot > 0; dot = property.lastIndexOf('.', dot - 1)) {
			if (TYPES.getOrDefault(property.substring(0, dot), "").startsWith(Map.class.getName())) {
				return true;
			}
		}
		return false;
	}

	private static List<Properties> settings(Path page) throws IOException {
		return SETTINGS.matcher(Files.readString(page)).results().map((block) -> {
			YamlPropertiesFactoryBean properties = new YamlPropertiesFactoryBean();
			properties.setResources(new ByteArrayResource(
					block.group(2).indent(-block.group(1).length()).getBytes(StandardCharsets.UTF_8)));
			return properties.getObject();
		}).toList();
	}

	@SuppressWarnings("unchecked")
	private static Map<String, String> types() {
		Map<String, String> types = new HashMap<>();
		for (Map<String, Object> metadata : metadata()) {
			for (String kind : List.of("groups", "properties")) {
				for (Map<String, Object> item : (List<Map<String, Object>>) metadata.getOrDefault(kind, List.of())) {
					types.put((String) item.get("name"), String.valueOf(item.get("type")));
				}
			}
		}
		return types;
	}

	private static List<Map<String, Object>> metadata() {
		List<Map<String, Object>> all = new ArrayList<>();
		try {
			for (URL resource : Collections.list(PagePropertiesTests.class.getClassLoader()
				.getResources("META-INF/spring-configuration-metadata.json"))) {
				try (InputStream content = resource.openStream()) {
					all.add(JsonParserFactory.getJsonParser()
						.parseMap(new String(content.readAllBytes(), StandardCharsets.UTF_8)));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return all;
	}

}
