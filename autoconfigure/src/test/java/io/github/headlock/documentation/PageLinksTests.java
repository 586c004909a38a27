package io.github.headlock.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The links between the pages, their sections and the files of the project.
 */
class PageLinksTests {

	private static final Path PROJECT = Path.of("..");

	private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");

	private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

	static List<Path> pages() throws IOException {
		try (Stream<Path> top = Files.list(PROJECT); Stream<Path> docs = Files.walk(PROJECT.resolve("docs"))) {
			return Stream.concat(top, docs).filter((file) -> file.toString().endsWith(".md")).sorted().toList();
		}
	}

	@ParameterizedTest
	@MethodSource("pages")
	void everyLinkLeadsToAFileAndASection(Path page) throws IOException {
		Matcher links = LINK.matcher(Files.readString(page));
		while (links.find()) {
			Path target = links.group(1).isEmpty() ? page : page.resolveSibling(links.group(1));
			assertThat(target).as(links.group()).exists();
			if (links.group(2) != null) {
				assertThat(anchors(target)).as(links.group()).contains(links.group(2));
			}
		}
	}

	@ParameterizedTest
	@MethodSource("pages")
	void theReadmeLinksEveryPage(Path page) throws IOException {
		Path readme = PROJECT.resolve("README.md");
		if (page.startsWith(PROJECT.resolve("docs"))) {
			assertThat(Files.readString(readme)).contains("](" + PROJECT.relativize(page) + ")");
		}
	}

	/** As GitHub makes them of headings. */
	private static List<String> anchors(Path page) throws IOException {
		return HEADING.matcher(Files.readString(page))
			.results()
			.map((MatchResult heading) -> heading.group(1)
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N} _-]", "")
				.replace(' ', '-'))
			.toList();
	}

}
