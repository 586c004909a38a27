package io.github.headlock.test;

import io.github.headlock.PrintableText;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Words with which somebody tries to write lines of the log.
 */
public final class PrintableWords {

	/** What is to stand at the beginning of a line. */
	public static final String FORGED = "Database ready: forged";

	public static final String HOSTILE = "a\n" + FORGED + "\r\n" + FORGED + "\u0085" + FORGED + "\u2028" + FORGED
			+ "\u001b[2K\u202e";

	private PrintableWords() {
	}

	/** Lines of Headlock's own are allowed. */
	public static void assertPrintable(String text) {
		assertThat(text.split("\\R")).noneMatch((line) -> line.strip().startsWith(FORGED));
		assertThat(text.codePoints().filter((character) -> character != '\n')).as(text)
			.allMatch(PrintableText::isPrintable);
	}

}
