package io.github.headlock.sample.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That the pages describe the pictures which the demo has written.
 */
class PicturesOfTheDocsTests {

	private static final Path PROJECT = Path.of("..");

	private static final Pattern TITLE = Pattern.compile("<title id=\"title\">(.+)</title>");

	@ParameterizedTest
	@CsvSource({ "README.md, docs/rollout.svg, " + DemoReport.COMPARISON,
			"docs/how-it-works.md, rollout-fast-path-and-job.svg, " + DemoReport.PATTERNS,
			"docs/background-migrations.md, rollout-background.svg, " + DemoReport.BACKGROUND })
	void thePageSaysInWordsWhatIsInThePicture(String page, String link, String picture) throws IOException {
		Matcher title = TITLE.matcher(Files.readString(PROJECT.resolve("docs").resolve(picture)));
		assertThat(title.find()).isTrue();
		assertThat(Files.readString(PROJECT.resolve(page))).contains("![%s](%s)".formatted(title.group(1), link));
	}

}
