package io.github.headlock;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Makes text that comes from the database fit to be logged or shown: whoever may name
 * things there, or write into the history table, must not be able to write lines of the
 * log with that.
 */
public final class PrintableText {

	/** More than any name in PostgreSQL or in the history table needs. */
	private static final int MAX_NAME = 1000;

	private static final int MAX_MESSAGE = 4000;

	private static final String CUT = "...";

	private static final Pattern LINE_BREAKS = Pattern.compile("\\s*\\R\\s*");

	private static final Pattern ITEMS = Pattern.compile("\n(?=  - )");

	/** Control and format characters, line separators, halves of surrogate pairs. */
	private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]");

	private PrintableText() {
	}

	/**
	 * Makes a name printable: a question mark stands for each character that is not.
	 * @param name the name, not longer than 1000 characters, or it is cut
	 * @return the name as it may be shown
	 */
	public static String name(String name) {
		return UNPRINTABLE.matcher(cut(name, MAX_NAME)).replaceAll("?");
	}

	/**
	 * Makes a name printable that may be missing.
	 * @param name the name, or {@code null}
	 * @return the name as it may be shown, {@code null} if there is none
	 */
	public static @Nullable String nameOrNull(@Nullable String name) {
		return (name != null) ? name(name) : null;
	}

	/**
	 * Makes a message one printable line: spaces stand for its line breaks.
	 * @param message the message, not longer than 4000 characters, or it is cut; a
	 * missing one is called {@code null}
	 * @return the line
	 */
	public static String line(@Nullable String message) {
		String line = LINE_BREAKS.matcher(cut(String.valueOf(message), MAX_MESSAGE)).replaceAll(" ");
		return UNPRINTABLE.matcher(line).replaceAll("?");
	}

	/**
	 * Makes a message of several lines printable: the only line breaks that stay are
	 * those before the items of a list, which begin with two spaces and a hyphen.
	 * @param message the message, of any length
	 * @return the lines
	 */
	static String items(String message) {
		return Arrays.stream(ITEMS.split(message, -1))
			.map((item) -> UNPRINTABLE.matcher(LINE_BREAKS.matcher(item).replaceAll(" ")).replaceAll("?"))
			.collect(Collectors.joining("\n"));
	}

	/**
	 * Returns whether a character may be shown as it is.
	 * @param character the code point
	 * @return {@code false} if another one has to stand for it
	 */
	public static boolean isPrintable(int character) {
		return !UNPRINTABLE.matcher(Character.toString(character)).matches();
	}

	private static String cut(String text, int length) {
		return (text.length() <= length) ? text : text.substring(0, length - CUT.length()) + CUT;
	}

}
