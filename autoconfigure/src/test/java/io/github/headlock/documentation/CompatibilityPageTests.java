package io.github.headlock.documentation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.headlock.startup.SupportedVersions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page on versions has the combinations that {@code bin/matrix} runs, and the message
 * of those that are refused.
 */
class CompatibilityPageTests {

	private static final Path PAGE = Path.of("..", "docs", "compatibility.md");

	@Test
	void theTableHasEachCombinationOfTheMatrix() throws Exception {
		List<String> rows = Files.readAllLines(PAGE)
			.stream()
			.dropWhile((line) -> !line.startsWith("<!-- matrix: begin"))
			.takeWhile((line) -> !line.startsWith("<!-- matrix: end"))
			.filter((line) -> line.startsWith("| "))
			.skip(2)
			.toList();
		List<String> cells = cells();
		assertThat(rows).hasSameSizeAs(cells);
		for (int i = 0; i < rows.size(); i++) {
			assertThat(rows.get(i)).matches(row(cells.get(i)));
		}
	}

	/** The server says 18.6, and its binaries are called 18.6.0. */
	private static String row(String cell) {
		return Arrays.stream(cell.split(" +"))
			.map((column) -> column.equals("-") ? "\\S+" : Pattern.quote(column.replaceAll("\\.0$", "")) + "(\\.0)?")
			.collect(Collectors.joining(" \\| ", "\\| ", " \\| .+ \\|"));
	}

	private static List<String> cells() throws Exception {
		Process list = new ProcessBuilder("../bin/matrix", "--list").redirectErrorStream(true).start();
		String output = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(list.waitFor()).as(output).isZero();
		return output.lines().skip(1).toList();
	}

	@Test
	void theMessageOfARefusalIsItsOwn() throws IOException {
		assertThat(Files.readString(PAGE)).contains(SupportedVersions.describe().replaceAll("found .*", "found "));
	}

}
