package io.github.headlock.background;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a background migration from an SQL file: lines {@code -- headlock: name = value},
 * and one statement.
 */
final class DeclarationFile {

	private static final String SUFFIX = ".sql";

	private static final Set<String> DIRECTIVES = Set.of("table", "since", "where", "key", "alias");

	private static final Pattern DIRECTIVE = Pattern.compile("(?m)^[ \\t]*--[ \\t]*headlock:(.*)$");

	private static final Pattern SETTING = Pattern.compile("\\s*(\\w+)\\s*=\\s*(.*?)\\s*");

	private static final Pattern KIND = Pattern.compile("\\s*(?:UPDATE|DELETE|WITH)\\b.*",
			Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

	private static final Pattern CHANGE = Pattern.compile("\\b(?:UPDATE|DELETE)\\b", Pattern.CASE_INSENSITIVE);

	private static final Pattern RETURNING = Pattern.compile("\\bRETURNING\\b", Pattern.CASE_INSENSITIVE);

	private final String source;

	private final String text;

	private final Map<String, String> settings = new LinkedHashMap<>();

	private final Declaration declaration;

	private DeclarationFile(String source, String text) {
		this.source = source;
		this.text = text;
		this.declaration = new Declaration(source, this.settings,
				(name, value) -> "-- headlock: " + name + " = " + value);
	}

	/**
	 * Reads a file.
	 * @param filename its name
	 * @param source its name and where it is, for people
	 * @param text its content
	 * @throws InvalidBackgroundMigrationException if something in it is wrong
	 */
	static BackgroundDefinition parse(String filename, String source, String text) {
		return new DeclarationFile(source, text.startsWith("\uFEFF") ? text.substring(1) : text).parse(filename);
	}

	private BackgroundDefinition parse(String filename) {
		String name = filename.substring(0, filename.length() - SUFFIX.length());
		if (!BackgroundDefinition.NAME.matcher(name).matches()) {
			throw invalid("its name has other characters than a to z, 0 to 9 and _, or more than 100",
					"Rename the file, such as to backfill_full_name.sql. The name is the identity of the migration.");
		}
		readSettings();
		SqlText statement = statement();
		return this.declaration.define(name, (matching) -> effect(statement, matching));
	}

	/** The server counts the rows of what stands last in the statement. */
	private SqlEffect effect(SqlText statement, MatchingRows matching) {
		PlainStatement plain = PlainStatement.of(statement);
		if (plain != null) {
			ensureChanges(this.declaration.tableName(), plain.table());
		}
		boolean counted = plain != null && plain.changesBatchOf(this.declaration.target());
		return new SqlEffect(this.source, statement, counted ? null : matching);
	}

	/** The rows of another table would be changed again in each pass. */
	private void ensureChanges(TableName table, TableName changed) {
		if (!changed.mayBe(table)) {
			throw invalid("its statement changes " + changed + ", but table = " + table, String.format(Locale.ROOT,
					"Write table = %s, with where and key about its rows, or let the statement change %s. What is to be "
							+ "changed in another table together with rows of the table stands in WITH, before or after it.",
					changed, table));
		}
	}

	private void readSettings() {
		Matcher matcher = DIRECTIVE.matcher(this.text);
		while (matcher.find()) {
			Matcher setting = SETTING.matcher(matcher.group(1));
			if (!setting.matches() || !DIRECTIVES.contains(setting.group(1))) {
				throw invalid("the line \"-- headlock:" + matcher.group(1).stripTrailing() + "\" is not understood",
						"Write -- headlock: <name> = <value>, with one of the names table, since, where, key and alias.");
			}
			if (this.settings.put(setting.group(1), setting.group(2)) != null) {
				throw invalid(setting.group(1) + " is given twice", "Leave one of the lines.");
			}
		}
	}

	private SqlText statement() {
		SqlText statement = SqlText.of(DIRECTIVE.matcher(this.text).replaceAll("").strip());
		int end = statement.bare().stripTrailing().length();
		if (end > 0 && statement.bare().charAt(end - 1) == ';') {
			statement = statement.before(end - 1);
		}
		if (statement.bare().contains(";")) {
			throw invalid("it has more than one statement",
					"Write one UPDATE or DELETE. Another one needs a file of its own.");
		}
		if (!KIND.matcher(statement.bare()).matches() || !CHANGE.matcher(statement.bare()).find()) {
			throw invalid("its statement is neither an UPDATE nor a DELETE",
					"Write one UPDATE or DELETE, with WHERE ${batch}.");
		}
		if (!startsWith(statement, "WITH") && RETURNING.matcher(statement.bare()).find()) {
			throw invalid("its statement returns rows", "Remove RETURNING.");
		}
		int batches = statement.count(SqlEffect.BATCH);
		if (batches != 1) {
			throw invalid(
					(batches == 0) ? "its statement has no ${batch}"
							: "its statement has ${batch} " + batches + " times",
					"Write ${batch} once, outside of quotes and comments, as the condition on the rows to change: "
							+ "UPDATE customer SET ... WHERE ${batch}");
		}
		this.declaration.ensureNoPlaceholder(SqlText.of(statement.text().replace(SqlEffect.BATCH, "")),
				"its statement");
		return statement;
	}

	private static boolean startsWith(SqlText statement, String keyword) {
		return statement.bare().strip().regionMatches(true, 0, keyword, 0, keyword.length());
	}

	private InvalidBackgroundMigrationException invalid(String problem, String remedy) {
		return this.declaration.invalid(problem, remedy);
	}

}
