package io.github.headlock.background;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Checks with which settings a background migration is declared, whether in a file or in
 * code.
 *
 * @param source where it is declared, for people
 * @param settings the settings by their names
 * @param example writes a setting, of a name and a value, as it is to be written there
 */
record Declaration(String source, Map<String, String> settings, BinaryOperator<String> example) {

	private static final Pattern VERSION = Pattern.compile("\\d+([._]\\d+)*");

	private static final Pattern IDENTIFIER = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*|\"(?:[^\"]|\"\")+\"");

	private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{.*?}");

	/**
	 * Makes the definition.
	 * @param name its name
	 * @param effect makes what is done to the rows of a batch
	 * @throws InvalidBackgroundMigrationException if something is wrong
	 */
	BackgroundDefinition define(String name, Function<MatchingRows, Effect> effect) {
		String table = table();
		String alias = alias();
		return new BackgroundDefinition(name, this.source, table, since(), where(), key(), alias,
				effect.apply(MatchingRows.of(table, alias)));
	}

	private String table() {
		String table = required("table", "customer");
		String[] parts = split(table, "\\.");
		if (parts.length > 2 || !Arrays.stream(parts).allMatch(IDENTIFIER.asMatchPredicate())) {
			throw invalid("table = " + table + " is no name of a table",
					"Write the name as it stands in SQL, such as customer or sales.customer.");
		}
		return table;
	}

	private MigrationVersion since() {
		String since = required("since", "42");
		if (!VERSION.matcher(since).matches()) {
			throw invalid("since = " + since + " is no schema version", "Write the version of the migration that adds "
					+ "what the migration needs, such as 42, 1.10 or 202401311200.");
		}
		return MigrationVersion.fromVersion(since);
	}

	private String required(String name, String value) {
		String found = this.settings.get(name);
		if (found == null || found.isEmpty()) {
			throw invalid(name + " is missing",
					String.format(Locale.ROOT, "Add it, such as %s", this.example.apply(name, value)));
		}
		return found;
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
					"Write the columns of an index, such as " + this.example.apply("key", "tenant, id"));
		}
		return Arrays.stream(columns).map(Declaration::unquoted).toList();
	}

	private static String[] split(String text, String separator) {
		return text.strip().split("\\s*" + separator + "\\s*", -1);
	}

	private static String unquoted(String identifier) {
		return identifier.startsWith("\"") ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
				: identifier.toLowerCase(Locale.ROOT);
	}

	TableName tableName() {
		return new TableName(List.of(split(table(), "\\.")));
	}

	/** What the condition on the rows of a batch calls the table. */
	String target() {
		String alias = alias();
		return (alias != null) ? alias : tableName().last();
	}

	private @Nullable String alias() {
		String alias = this.settings.get("alias");
		if (alias != null && !IDENTIFIER.matcher(alias).matches()) {
			throw invalid("alias = " + alias + " is no name", "Write what the statement calls the table, such as c.");
		}
		return alias;
	}

	/**
	 * Makes sure that SQL has no placeholder, as Flyway's are.
	 * @param sql the SQL
	 * @param what what it is, for people
	 * @throws InvalidBackgroundMigrationException if it has one
	 */
	void ensureNoPlaceholder(SqlText sql, String what) {
		Matcher placeholder = PLACEHOLDER.matcher(sql.bare());
		if (placeholder.find()) {
			throw invalid(what + " has the placeholder " + placeholder.group(),
					"Write its value: ${batch} in the statement of a file is the only placeholder here.");
		}
	}

	InvalidBackgroundMigrationException invalid(String problem, String remedy) {
		return new InvalidBackgroundMigrationException(this.source, problem, remedy);
	}

}
