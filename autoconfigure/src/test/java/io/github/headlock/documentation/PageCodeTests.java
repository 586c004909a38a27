package io.github.headlock.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The code of the pages is run. Java code stands in a test. A page with commands,
 * statements, dependencies or output is read by a test.
 */
class PageCodeTests {

	private static final Pattern CODE = Pattern.compile("```java\n(.*?)\n```", Pattern.DOTALL);

	/** {@link PagePropertiesTests} has the settings. */
	private static final Pattern OTHERS = Pattern.compile("(?m)^```(?!java$|yaml$)\\w+$");

	/** A whole file, which the consumer's tests write and run. */
	private static final String FILE = "package ";

	private static final List<String> TESTS = tests();

	static List<String> blocks() throws IOException {
		return PageLinksTests.pages()
			.stream()
			.flatMap((page) -> CODE.matcher(text(page)).results().map((block) -> block.group(1)))
			.filter((block) -> !block.startsWith(FILE))
			.toList();
	}

	@ParameterizedTest
	@MethodSource("blocks")
	void theCodeStandsInATest(String block) {
		// a class may go on after what is shown of it, and three dots are anything
		String[] parts = unindented(block.replaceFirst("\n\n}$", "")).split("\n\\.\\.\\.", 2);
		assertThat(parts[0]).isNotBlank();
		assertThat(TESTS).anySatisfy((test) -> assertThat(test).contains(parts[0]));
	}

	static List<Path> pagesWithOtherBlocks() throws IOException {
		return PageLinksTests.pages().stream().filter((page) -> OTHERS.matcher(text(page)).find()).toList();
	}

	@ParameterizedTest
	@MethodSource("pagesWithOtherBlocks")
	void thePageIsReadByATest(Path page) {
		assertThat(TESTS).anyMatch((test) -> Pattern.compile("[\"/]" + page.getFileName() + "\"").matcher(test).find());
	}

	private static List<String> tests() {
		try (Stream<Path> files = Files.find(Path.of(".."), 20,
				(file, attributes) -> file.toString().matches("(?!.*/target/).*/src/test/java/.*\\.java"))) {
			return files.map((file) -> unindented(text(file))).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String unindented(String code) {
		return code.replaceAll("(?m)^\\s+", "");
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
