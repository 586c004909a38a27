package io.github.headlock.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A page of the documentation about these files.
 */
final class DocumentationPage {

	private final String text;

	private DocumentationPage(String text) {
		this.text = text;
	}

	/** A page of the folder {@code docs}. */
	static DocumentationPage read(String name) {
		try {
			return new DocumentationPage(Files.readString(Path.of("..", "docs", name)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	String text() {
		return this.text;
	}

	/** The headings of its sections. */
	List<String> titles() {
		return Pattern.compile("(?m)^## (.*)$").matcher(this.text).results().map((title) -> title.group(1)).toList();
	}

	/** What stands under a heading. */
	String section(String title) {
		return this.text.split("(?m)^## " + Pattern.quote(title) + "$", 2)[1].split("(?m)^## ", 2)[0];
	}

	/** All code blocks of a language. */
	List<String> blocks(String language) {
		return blocks(this.text, language);
	}

	private static List<String> blocks(String text, String language) {
		return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
			.matcher(text)
			.results()
			.map((block) -> block.group(1))
			.toList();
	}

	/** The only code block of a language in a section that contains these words. */
	String block(String title, String language, String words) {
		List<String> blocks = blocks(section(title), language).stream()
			.filter((block) -> block.contains(words))
			.toList();
		if (blocks.size() != 1) {
			throw new AssertionError(blocks.size() + " blocks with " + words + " in " + title);
		}
		return blocks.get(0);
	}

}
