package io.github.headlock.documentation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.headlock.test.ConfigurationMetadata;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of properties says what an IDE says.
 */
class ReferencePropertiesTests {

	private static final String SECTION = "Properties";

	/** Words of a description, and the same words with a link to where more is said. */
	private static final Map<String, String> LINKS = Map.of("`USAGE` on its schema",
			"[`USAGE` on its schema](#privileges)", "that of the failure", "that of [the failure](#exit-codes)",
			"queue for a table lock", "[queue for a table lock](how-it-works.md#ddl-lock-timeout)", "release upgrades",
			"release [upgrades](required-stops.md)", "Releases that", "[Releases](required-stops.md) that",
			"refused during a migration", "refused [during a migration](sessions.md)");

	/** Names of properties, words of SQL, states, and the number that means something. */
	private static final Pattern CODE = Pattern
		.compile("\\bheadlock\\.[a-z.-]*[a-z](?:=\\w+)?|\\b[A-Z]{4,}(?: (?:[A-Z]{2,}|\\.\\.\\.))*|\\b0\\b");

	private final GeneratedPage page = new GeneratedPage("reference.md");

	@Test
	void theTableSaysWhatAnIdeSays() {
		Map<String, String> texts = texts();
		LINKS.forEach((words, link) -> {
			List<String> linked = texts.entrySet()
				.stream()
				.filter((text) -> text.getValue().contains(words))
				.map(Map.Entry::getKey)
				.toList();
			assertThat(linked).as("descriptions with the words \"%s\"", words).hasSize(1);
			texts.computeIfPresent(linked.get(0), (name, text) -> text.replace(words, link));
		});
		List<String> order = new ArrayList<>(this.page.texts(SECTION).keySet());
		this.page.table(SECTION, List.of("property", "default", "meaning"), texts.entrySet()
			.stream()
			.sorted(Comparator.comparing((text) -> shown(text.getKey()),
					Comparator.comparingInt((name) -> order.contains(name) ? order.indexOf(name) : order.size())))
			.map((text) -> List.of(shown(text.getKey()), defaultOf(text.getKey()), text.getValue()))
			.toList());
	}

	/** A list of names needs one row only. */
	private static Map<String, String> texts() {
		Map<String, String> texts = new LinkedHashMap<>();
		ConfigurationMetadata.properties().forEach((name, property) -> {
			if (!name.endsWith("]")) {
				texts.put(name, text(name, (String) property.get("description")));
			}
		});
		return texts;
	}

	private static String text(String name, String description) {
		String values = ConfigurationMetadata.values(name)
			.entrySet()
			.stream()
			.map((value) -> "`%s`: %s".formatted(value.getKey(), clause(value.getValue())))
			.collect(Collectors.joining("; "));
		return code(description) + (values.isEmpty() ? "" : " " + values + ".");
	}

	private static String clause(String sentence) {
		String clause = sentence.substring(0, sentence.length() - 1);
		boolean capitals = Character.isUpperCase(clause.charAt(1));
		return code(capitals ? clause : Character.toLowerCase(clause.charAt(0)) + clause.substring(1));
	}

	private static String code(String text) {
		return CODE.matcher(text).replaceAll("`$0`");
	}

	private static String shown(String name) {
		return "`%s`".formatted(name.replace("[0]", "[n]"));
	}

	private static String defaultOf(String name) {
		return Optional.ofNullable(ConfigurationMetadata.properties().get(name).get("defaultValue"))
			.map("`%s`"::formatted)
			.orElse("none");
	}

}
