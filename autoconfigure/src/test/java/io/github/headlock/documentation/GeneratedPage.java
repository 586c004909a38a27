package io.github.headlock.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A page of the documentation with tables and examples that are generated from the code.
 * With the system property {@value #UPDATE} they are written, else they are compared.
 */
final class GeneratedPage {

	private static final String UPDATE = "documentation.update";

	private static final String COMMAND = "mvn -pl :headlock-testbed,autoconfigure test -DforkCount=1 "
			+ "-Dtest='Reference*Tests' -D" + UPDATE + "=true";

	private static final Pattern TABLE = Pattern.compile("(?m)^\\|.*\\|\n(?:\\|.*\\|\n)*");

	private final Path file;

	GeneratedPage(String name) {
		this.file = Path.of("..", "docs", name);
	}

	/** What stands under one heading, up to the next. */
	String section(String title) {
		Matcher section = section(read(), title);
		return section.group("content");
	}

	/**
	 * The last cell of each row of the first table under a heading, by the first cell: a
	 * text that is written by hand, and in an order that is.
	 */
	Map<String, String> texts(String title) {
		Map<String, String> texts = new LinkedHashMap<>();
		Matcher table = TABLE.matcher(section(title));
		assertThat(table.find()).as("a table in the section \"%s\"", title).isTrue();
		table.group().lines().skip(2).forEach((row) -> {
			List<String> cells = Arrays.stream(row.split("\\|", -1)).map(String::strip).toList();
			texts.put(cells.get(1), cells.get(cells.size() - 2));
		});
		return texts;
	}

	/** Compares the first table under a heading, or writes it. */
	void table(String title, List<String> columns, List<List<String>> rows) {
		StringBuilder table = new StringBuilder(row(columns))
			.append(row(columns.stream().map((column) -> "---").toList()));
		rows.forEach((cells) -> table.append(row(cells)));
		assertThat(rows)
			.as("A text for each row of the section \"%s\" of %s. Write what is missing:\n%s", title, this.file, table)
			.allSatisfy((cells) -> assertThat(cells).doesNotContain(""));
		replace(title, TABLE, table.toString());
	}

	/** Compares the first example in JSON under a heading, or writes it. */
	void json(String title, String json) {
		replace(title, Pattern.compile("```json\n.*?\n```\n", Pattern.DOTALL), "```json\n" + json + "\n```\n");
	}

	private void replace(String title, Pattern part, String expected) {
		String page = read();
		Matcher section = section(page, title);
		Matcher actual = part.matcher(section.group("content"));
		assertThat(actual.find()).as("%s in the section \"%s\"", part, title).isTrue();
		if (Boolean.getBoolean(UPDATE)) {
			int start = section.start("content");
			write(page.substring(0, start + actual.start()) + expected + page.substring(start + actual.end()));
		}
		else {
			assertThat(actual.group())
				.as("The section \"%s\" of %s is not what the code says. " + "This writes it:\n%s\nor write:\n\n%s",
						title, this.file, COMMAND, expected)
				.isEqualTo(expected);
		}
	}

	private static Matcher section(String page, String title) {
		Matcher section = Pattern
			.compile("^#+ " + Pattern.quote(title) + "\n(?<content>.*?)(?=^#|\\z)", Pattern.MULTILINE | Pattern.DOTALL)
			.matcher(page);
		assertThat(section.find()).as("a section \"%s\"", title).isTrue();
		return section;
	}

	private static String row(List<String> cells) {
		return "| " + String.join(" | ", cells) + " |\n";
	}

	private String read() {
		try {
			return Files.readString(this.file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void write(String page) {
		try {
			Files.writeString(this.file, page);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
