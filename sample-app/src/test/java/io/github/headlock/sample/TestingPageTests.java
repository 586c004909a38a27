package io.github.headlock.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That the code of {@code docs/testing.md} is the code of tests that run.
 */
class TestingPageTests {

	private static final Path TESTS = Path.of("src", "test", "java", "io", "github", "headlock", "sample");

	@Test
	void theDependenciesAreThoseOfTheSample() {
		String dependencies = unindented(text(Path.of("pom.xml")));
		assertThat(blocks("xml")).singleElement()
			.satisfies((block) -> assertThat(dependencies).contains(unindented(block)));
	}

	@Test
	void theUrlIsTheOneOfATest() {
		String url = text(TESTS.resolve("ContainerDatabaseTests.java")).replaceFirst("(?s).*(jdbc:tc:[^\"]+).*", "$1");
		assertThat(blocks("yaml")).singleElement()
			.satisfies((block) -> assertThat(block).contains("datasource:\n    url: " + url));
	}

	private static String unindented(String text) {
		return text.replaceAll("(?m)^\\s+", "");
	}

	private static List<String> blocks(String language) {
		return Pattern.compile("```" + language + "\n(.*?)\n```", Pattern.DOTALL)
			.matcher(text(Path.of("..", "docs", "testing.md")))
			.results()
			.map((MatchResult block) -> block.group(1))
			.toList();
	}

	private static String text(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
