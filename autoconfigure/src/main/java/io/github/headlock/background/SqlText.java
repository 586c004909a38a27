package io.github.headlock.background;

import org.postgresql.core.Parser;

/**
 * A piece of SQL that a team has written, and which of its characters are neither quoted
 * nor in a comment, as the driver finds it.
 *
 * @param text the text
 * @param bare the same, of the same length, with spaces for what is in single quotes,
 * dollar quotes and comments, and for the signs in quoted names
 */
record SqlText(String text, String bare) {

	static SqlText of(String text) {
		char[] chars = text.toCharArray();
		StringBuilder bare = new StringBuilder(text);
		for (int i = 0; i < chars.length; i++) {
			int end = switch (chars[i]) {
				case '\'' -> Parser.parseSingleQuotes(chars, i, true);
				case '"' -> Parser.parseDoubleQuotes(chars, i);
				case '-' -> Parser.parseLineComment(chars, i);
				case '/' -> Parser.parseBlockComment(chars, i);
				case '$' -> Parser.parseDollarQuotes(chars, i);
				default -> i;
			};
			if (end > i) {
				blank(bare, i, Math.min(end, chars.length - 1), chars[i] == '"');
			}
			i = Math.max(i, end);
		}
		return new SqlText(text, bare.toString());
	}

	/** Names stay, without what means something elsewhere. */
	private static void blank(StringBuilder bare, int from, int to, boolean name) {
		for (int i = from; i <= to; i++) {
			if (!name || "?;$()".indexOf(bare.charAt(i)) >= 0) {
				bare.setCharAt(i, ' ');
			}
		}
	}

	/** Number of times that something stands in the bare text. */
	int count(String part) {
		int count = 0;
		for (int i = this.bare.indexOf(part); i >= 0; i = this.bare.indexOf(part, i + part.length())) {
			count++;
		}
		return count;
	}

	/** The part before a position. */
	SqlText before(int position) {
		return of(this.text.substring(0, position));
	}

	/** Whether each bracket is closed, and none is closed that was not opened. */
	boolean isBalanced() {
		int depth = 0;
		for (int i = 0; i < this.bare.length() && depth >= 0; i++) {
			depth += switch (this.bare.charAt(i)) {
				case '(' -> 1;
				case ')' -> -1;
				default -> 0;
			};
		}
		return depth == 0;
	}

	/**
	 * A part of the text for the driver, to which a single question mark is a parameter.
	 */
	String forDriver(int from, int to) {
		StringBuilder sql = new StringBuilder();
		for (int i = from; i < to; i++) {
			sql.append(this.text.charAt(i));
			if (this.bare.charAt(i) == '?') {
				sql.append('?');
			}
		}
		return sql.toString();
	}

}
