package io.github.headlock.background;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Reads a background migration from an SQL file: lines {@code -- headlock: name = value},
 * and one statement.
 */
final class DeclarationFile {

	private static final String SUFFIX = ".sql";

	private static final Set<String> DIRECTIVES = Set.of("table", "since", "where", "key", "alias");

	private static final Pattern DIRECTIVE = Pattern.compile("(?m)^[ \\t]*--[ \\t]*headlock:(.*)$");

	private static final Pattern SETTING = Pattern.compile("\\s*(\\w+)\\s*=\\s*(.*?)\\s*");

	private static final Pattern VERSION = Pattern.compile("\\d+([._]\\d+)*");

	private static final Pattern IDENTIFIER = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*|\"(?:[^\"]|\"\")+\"");

	private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{.*?}");

	private static final Pattern KIND = Pattern.compile("\\s*(?:UPDATE|DELETE|WITH)\\b.*",
			Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

	private static final Pattern CHANGE = Pattern.compile("\\b(?:UPDATE|DELETE)\\b", Pattern.CASE_INSENSITIVE);

	private static final Pattern RETURNING = Pattern.compile("\\bRETURNING\\b", Pattern.CASE_INSENSITIVE);

	private final String source;

	private final String text;

	private final Map<String, String> settings = new LinkedHashMap<>();

	private DeclarationFile(String source, String text) {
		this.source = source;
		this.text = text;
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
		String table = required("table", "customer");
		if (!Arrays.stream(split(table, "\\.")).allMatch(IDENTIFIER.asMatchPredicate())
				|| split(table, "\\.").length > 2) {
			throw invalid("table = " + table + " is no name of a table",
					"Write the name as it stands in SQL, such as customer or sales.customer.");
		}
		String since = required("since", "42");
		if (!VERSION.matcher(since).matches()) {
			throw invalid("since = " + since + " is no schema version", "Write the version of the migration that adds "
					+ "what the statement needs, such as 42, 1.10 or 202401311200.");
		}
		return new BackgroundDefinition(name, this.source, table, MigrationVersion.fromVersion(since), where(), key(),
				alias(), new SqlEffect(this.source, statement()));
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

	private String required(String name, String example) {
		String value = this.settings.get(name);
		if (value == null || value.isEmpty()) {
			throw invalid(name + " is missing",
					String.format(Locale.ROOT, "Add a line such as -- headlock: %s = %s", name, example));
		}
		return value;
	}

	private SqlText where() {
		SqlText where = SqlText.of(required("where", "full_name IS NULL"));
		ensureNoPlaceholder(where, "where");
		if (where.bare().contains(";") || !where.isBalanced()) {
			throw invalid("where = " + where.text() + " is no condition",
					"Write one condition that is true for the rows that still need the migration, and false for those "
							+ "that it has changed, such as full_name IS NULL.");
		}
		return where;
	}

	private List<String> key() {
		String key = this.settings.get("key");
		if (key == null) {
			return List.of();
		}
		String[] columns = split(key, ",");
		if (!Arrays.stream(columns).allMatch(IDENTIFIER.asMatchPredicate())) {
			throw invalid("key = " + key + " is no list of columns",
					"Write the columns of an index, such as -- headlock: key = tenant, id");
		}
		return Arrays.stream(columns).map(DeclarationFile::unquoted).toList();
	}

	private static String[] split(String text, String separator) {
		return text.strip().split("\\s*" + separator + "\\s*", -1);
	}

	private static String unquoted(String identifier) {
		return identifier.startsWith("\"") ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
				: identifier.toLowerCase(Locale.ROOT);
	}

	private @Nullable String alias() {
		String alias = this.settings.get("alias");
		if (alias != null && !IDENTIFIER.matcher(alias).matches()) {
			throw invalid("alias = " + alias + " is no name", "Write what the statement calls the table, such as c.");
		}
		return alias;
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
		ensureNoPlaceholder(SqlText.of(statement.text().replace(SqlEffect.BATCH, "")), "its statement");
		return statement;
	}

	private static boolean startsWith(SqlText statement, String keyword) {
		return statement.bare().strip().regionMatches(true, 0, keyword, 0, keyword.length());
	}

	private void ensureNoPlaceholder(SqlText sql, String where) {
		Matcher placeholder = PLACEHOLDER.matcher(sql.bare());
		if (placeholder.find()) {
			throw invalid(where + " has the placeholder " + placeholder.group(),
					"Write its value: ${batch} in the statement is the only placeholder here.");
		}
	}

	private InvalidBackgroundMigrationException invalid(String problem, String remedy) {
		return new InvalidBackgroundMigrationException(this.source, problem, remedy);
	}

}
