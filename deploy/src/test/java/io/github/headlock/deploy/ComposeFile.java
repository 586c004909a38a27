package io.github.headlock.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The services of {@code deploy/compose/} as Docker Compose puts them together: variables
 * first, then {@code extends}.
 */
final class ComposeFile {

	private static final Path FOLDER = Path.of("compose");

	private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(?::([-?])([^}]*))?}");

	private final Map<String, Map<String, Object>> services = new LinkedHashMap<>();

	private ComposeFile(Map<String, String> variables) {
		read("compose.yaml", variables)
			.forEach((name, service) -> this.services.put(name, extended(name, service, variables)));
	}

	/** With these variables in {@code .env}. */
	static ComposeFile with(Map<String, String> variables) {
		return new ComposeFile(variables);
	}

	/** The service, as all of its files make it. */
	Map<String, Object> service(String name) {
		return this.services.get(name);
	}

	/** The environment of a service's containers. */
	Map<String, String> environment(String name) {
		return strings(service(name).get("environment"));
	}

	/** The state in which another service must be before this one is created. */
	String condition(String name, String other) {
		return strings(map(service(name).get("depends_on")).get(other)).get("condition");
	}

	private static Map<String, Object> extended(String name, Map<String, Object> service,
			Map<String, String> variables) {
		if (!service.containsKey("extends")) {
			return service;
		}
		Map<String, String> reference = strings(service.get("extends"));
		Map<String, Object> base = read(reference.get("file"), variables).get(reference.get("service"));
		if (base == null) {
			throw new IllegalArgumentException("service %s: there is no %s".formatted(name, reference.get("service")));
		}
		Map<String, Object> merged = new LinkedHashMap<>(base);
		service.forEach((key, value) -> merged.merge(key, value, ComposeFile::merge));
		return merged;
	}

	private static Object merge(Object base, Object own) {
		if (!(base instanceof Map) || !(own instanceof Map)) {
			return own;
		}
		Map<String, Object> merged = new LinkedHashMap<>(map(base));
		merged.putAll(map(own));
		return merged;
	}

	private static Map<String, Map<String, Object>> read(String file, Map<String, String> variables) {
		LoaderOptions options = new LoaderOptions();
		options.setAllowDuplicateKeys(false);
		Object document = new Yaml(new SafeConstructor(options))
			.load(VARIABLE.matcher(text(FOLDER.resolve(file))).replaceAll((use) -> value(use, variables)));
		Map<String, Map<String, Object>> services = new LinkedHashMap<>();
		map(map(document).get("services")).forEach((name, service) -> services.put(name, map(service)));
		return services;
	}

	private static String value(MatchResult use, Map<String, String> variables) {
		String value = variables.getOrDefault(use.group(1), "");
		if (value.isEmpty() && "?".equals(use.group(2))) {
			throw new IllegalArgumentException(use.group(1) + " " + use.group(3));
		}
		String otherwise = (use.group(3) != null) ? use.group(3) : "";
		return Matcher.quoteReplacement(value.isEmpty() ? otherwise : value);
	}

	private static String text(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> map(Object value) {
		return (Map<String, Object>) value;
	}

	private static Map<String, String> strings(Object value) {
		Map<String, String> strings = new LinkedHashMap<>();
		if (value != null) {
			map(value).forEach((name, entry) -> strings.put(name, String.valueOf(entry)));
		}
		return strings;
	}

}
