package io.github.headlock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The tests that the pages name as a proof.
 */
class NamedTestsTests {

	private static final Path PROJECT = Path.of("..");

	private static final Pattern TEST = Pattern.compile("(?<!-)\\b[A-Z]\\w*[a-z](?:Tests|IT)\\b");

	private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+\\.java)\\)");

	static List<Path> pages() throws IOException {
		try (Stream<Path> top = Files.list(PROJECT); Stream<Path> docs = Files.list(PROJECT.resolve("docs"))) {
			return Stream.concat(top, docs).filter((file) -> file.toString().endsWith(".md")).sorted().toList();
		}
	}

	@ParameterizedTest
	@MethodSource("pages")
	void everyTestThatAPageNamesExists(Path page) throws IOException {
		String text = Files.readString(page);
		assertThat(testClasses()).containsAll(TEST.matcher(text).results().map(MatchResult::group).toList());
		assertThat(LINK.matcher(text).results().map((link) -> page.resolveSibling(link.group(1))))
			.allSatisfy((file) -> assertThat(file).exists());
	}

	private static Set<String> testClasses() throws IOException {
		try (Stream<Path> files = Files.find(PROJECT, 20,
				(file, attributes) -> file.toString().contains("/src/test/java/"))) {
			return files.map((file) -> file.getFileName().toString().replace(".java", "")).collect(Collectors.toSet());
		}
	}

}
