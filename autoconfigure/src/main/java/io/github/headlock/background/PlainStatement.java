package io.github.headlock.background;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * An UPDATE or DELETE without WITH, as far as its text tells what it changes.
 *
 * @param table the table that it changes
 * @param target what it calls that table
 * @param ofBatchOnly whether each row that it changes fulfils the condition of the batch
 */
record PlainStatement(TableName table, String target, boolean ofBatchOnly) {

	/** Also with any sign beyond ASCII. */
	private static final String NAME = "(?:[a-z_[^\\x00-\\x7F]][a-z0-9_$[^\\x00-\\x7F]]*+|\"(?:[^\"]|\"\")++\")";

	private static final String END = "(?![a-z0-9_$[^\\x00-\\x7F]])\\s*+";

	private static final Pattern ONE_NAME = Pattern.compile(NAME, Pattern.CASE_INSENSITIVE);

	private static final Pattern TARGET = Pattern.compile("\\s*+(?:UPDATE|DELETE\\s++FROM)" + END + "(?:ONLY" + END
			+ ")?+\\(?+\\s*+(?<table>" + NAME + "(?:\\s*+\\.\\s*+" + NAME + ")*+)\\s*+\\)?+\\s*+\\*?+\\s*+(?:AS" + END
			+ ")?+(?<alias>" + NAME + ")?+", Pattern.CASE_INSENSITIVE);

	private static final Pattern NO_ALIAS = Pattern.compile("SET|USING|WHERE", Pattern.CASE_INSENSITIVE);

	private static final Pattern WHERE = Pattern.compile("\\bWHERE\\b", Pattern.CASE_INSENSITIVE);

	private static final Pattern OR = Pattern.compile("\\bOR\\b", Pattern.CASE_INSENSITIVE);

	private static final Pattern BEFORE_CONDITION = Pattern.compile(".*\\b(?:WHERE|AND)\\s*+",
			Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

	/**
	 * Reads a statement.
	 * @param statement the statement, with {@value SqlEffect#BATCH} once
	 * @return {@code null} if it is of another kind, or its text does not tell
	 */
	static @Nullable PlainStatement of(SqlText statement) {
		Matcher matcher = TARGET.matcher(statement.bare());
		// a name such as U&"d\0061ta"
		if (!matcher.lookingAt() || statement.bare().startsWith("&", matcher.end())) {
			return null;
		}
		TableName table = new TableName(names(statement, matcher.start("table"), matcher.end("table")));
		String alias = (matcher.group("alias") != null)
				? statement.text().substring(matcher.start("alias"), matcher.end("alias")) : null;
		return new PlainStatement(table, (alias == null || NO_ALIAS.matcher(alias).matches()) ? table.last() : alias,
				isOfBatchOnly(statement));
	}

	private static List<String> names(SqlText statement, int start, int end) {
		List<String> names = new ArrayList<>();
		Matcher name = ONE_NAME.matcher(statement.bare()).region(start, end);
		while (name.find()) {
			names.add(statement.text().substring(name.start(), name.end()));
		}
		return names;
	}

	private static boolean isOfBatchOnly(SqlText statement) {
		int batch = statement.bare().indexOf(SqlEffect.BATCH);
		int where = find(statement, WHERE, 0);
		return where >= 0 && where < batch && statement.before(batch).isBalanced()
				&& BEFORE_CONDITION.matcher(statement.bare().substring(where, batch)).matches()
				&& find(statement, OR, where) < 0;
	}

	/** Where a word stands that is not in brackets, -1 for nowhere. */
	private static int find(SqlText statement, Pattern word, int from) {
		Matcher matcher = word.matcher(statement.bare());
		for (int start = from; matcher.find(start); start = matcher.end()) {
			if (statement.before(matcher.start()).isBalanced()) {
				return matcher.start();
			}
		}
		return -1;
	}

	/**
	 * Whether the rows that it changes are those of a batch and no others, so that their
	 * number is what the server says.
	 * @param name what the condition of the batch calls the table
	 */
	boolean changesBatchOf(String name) {
		return this.ofBatchOnly && TableName.areSame(this.target, name);
	}

}
