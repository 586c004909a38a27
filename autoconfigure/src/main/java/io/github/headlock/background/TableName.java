package io.github.headlock.background;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Name of a table, as it stands in SQL.
 *
 * @param names the name, after those of what the table is in; with quotes where they are
 * quoted
 */
record TableName(List<String> names) {

	/** The server cuts longer ones off, unless it was compiled otherwise. */
	private static final int LONGEST_BYTES = 63;

	/** Its name alone. */
	String last() {
		return this.names.get(this.names.size() - 1);
	}

	/**
	 * Whether both may mean the same table. Where one of them has no schema, the search
	 * path decides.
	 */
	boolean mayBe(TableName other) {
		return mayBeSame(last(), other.last()) && (this.names.size() == 1 || other.names.size() == 1
				|| mayBeSame(this.names.get(this.names.size() - 2), other.names.get(other.names.size() - 2)));
	}

	/** The encoding of the database decides about other letters than those of ASCII. */
	private static boolean mayBeSame(String one, String other) {
		String a = unquoted(one);
		String b = unquoted(other);
		return a.equals(b) || (bytes(a) != a.length() && a.equalsIgnoreCase(b))
				|| Math.max(bytes(a), bytes(b)) > LONGEST_BYTES;
	}

	private static int bytes(String name) {
		return name.getBytes(StandardCharsets.UTF_8).length;
	}

	/** Whether two names are certainly the same. */
	static boolean areSame(String one, String other) {
		return unquoted(one).equals(unquoted(other));
	}

	private static String unquoted(String name) {
		if (name.startsWith("\"")) {
			return name.substring(1, name.length() - 1).replace("\"\"", "\"");
		}
		StringBuilder folded = new StringBuilder(name);
		for (int i = 0; i < name.length(); i++) {
			if (name.charAt(i) < 128) {
				folded.setCharAt(i, name.substring(i, i + 1).toLowerCase(Locale.ROOT).charAt(0));
			}
		}
		return folded.toString();
	}

	@Override
	public String toString() {
		return String.join(".", this.names);
	}

}
