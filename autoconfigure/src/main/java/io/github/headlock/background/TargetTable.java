package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Describes the table of a background migration as it is now.
 *
 * @param oid its identifier
 * @param name its quoted and qualified name
 * @param bareName its quoted name alone
 * @param byPosition whether a row can be found again by its position, because there is
 * one table
 * @param key columns to go along
 * @param referable names of the columns of unique indexes
 * @param rows number of rows as the server estimates it; of a table that was never
 * analysed, as many as its size allows, so rather too many
 */
record TargetTable(long oid, String name, String bareName, boolean byPosition, List<KeyColumn> key,
		List<String> referable, long rows) {

	/** Their texts are read back as what they were, and they sort as they compare. */
	private static final Set<String> KEY_TYPES = Set.of("smallint", "integer", "bigint", "uuid", "text",
			"character varying");

	private static final String TABLE = """
			SELECT c.oid::bigint AS oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, \
			pg_catalog.quote_ident(c.relname) AS bare_name, c.relkind::pg_catalog.text AS kind, \
			c.relpersistence::pg_catalog.text AS persistence, \
			EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid) AS children, \
			pg_catalog.row_security_active(c.oid) AS row_security, current_user::pg_catalog.text AS role, \
			(SELECT coalesce(sum(CASE WHEN l.reltuples >= 0 AND l.relpages > 0 \
			THEN l.reltuples::float8 / l.relpages * p.pages ELSE 200.0 * p.pages END), 0)::bigint \
			FROM pg_catalog.pg_class l, LATERAL (SELECT pg_catalog.pg_relation_size(l.oid) / \
			pg_catalog.current_setting('block_size')::bigint AS pages) p \
			WHERE l.oid OPERATOR(pg_catalog.=) c.oid \
			OR l.oid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf))) AS rows \
			FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(?)""";

	private static final String COLUMNS = """
			SELECT a.attnum::pg_catalog.text AS number, a.attname::pg_catalog.text AS name, \
			pg_catalog.format_type(a.atttypid, NULL) AS type, a.attnotnull AS not_null FROM pg_catalog.pg_attribute a \
			WHERE a.attrelid OPERATOR(pg_catalog.=) ?::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0::smallint \
			AND NOT a.attisdropped ORDER BY a.attnum""";

	private static final String INDEXES = """
			SELECT i.indkey::pg_catalog.text AS columns, i.indnkeyatts AS key_columns, i.indisprimary AS is_primary, i.indisunique AS is_unique, \
			i.indisvalid AND i.indpred IS NULL AND m.amname OPERATOR(pg_catalog.=) 'btree' AS usable \
			FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid \
			JOIN pg_catalog.pg_am m ON m.oid OPERATOR(pg_catalog.=) c.relam \
			WHERE i.indrelid OPERATOR(pg_catalog.=) ?::pg_catalog.oid""";

	/**
	 * Looks the table up.
	 * @param connection the connection to look through
	 * @param definition names the table
	 * @throws InvalidBackgroundMigrationException if there is no such table, or it cannot
	 * be gone along
	 * @throws SQLException if the connection is lost
	 */
	static TargetTable read(Connection connection, BackgroundDefinition definition) throws SQLException {
		TargetTable found = Statements.one(connection, TABLE, (row) -> {
			String kind = row.getString("kind");
			boolean children = row.getBoolean("children");
			String unsuitable = switch (kind) {
				case "r", "p" -> row.getString("persistence").equals("t") ? "a temporary table" : null;
				case "v", "m" -> "a view";
				case "f" -> "a foreign table";
				default -> "no table";
			};
			if (unsuitable != null) {
				throw invalid(definition, definition.table() + " is " + unsuitable,
						"Name an ordinary or a partitioned table.");
			}
			if (row.getBoolean("row_security")) {
				String role = row.getString("role");
				throw invalid(definition,
						"row-level security is in force on " + definition.table() + " for the role " + role
								+ ", which would not see all rows",
						String.format(Locale.ROOT,
								"Let the owner of the table migrate, or a superuser run ALTER ROLE \"%s\" BYPASSRLS;",
								role.replace("\"", "\"\"")));
			}
			return new TargetTable(row.getLong("oid"), row.getString("name"), row.getString("bare_name"),
					kind.equals("r") && !children, List.of(), List.of(), row.getLong("rows"));
		}, definition.table());
		if (found == null) {
			throw invalid(definition, "there is no table " + definition.table(),
					"Correct table, or write the version of the migration that creates the table as since.");
		}
		return found.withKey(connection, definition);
	}

	private TargetTable withKey(Connection connection, BackgroundDefinition definition) throws SQLException {
		Map<String, KeyColumn> byNumber = new HashMap<>();
		Map<String, String> numbers = new HashMap<>();
		Statements.query(connection, COLUMNS, (row) -> {
			byNumber.put(row.getString("number"),
					new KeyColumn(row.getString("name"), row.getString("type"), row.getBoolean("not_null")));
			return numbers.put(row.getString("name"), row.getString("number"));
		}, this.oid);
		List<Index> indexes = Statements.query(connection, INDEXES,
				(row) -> new Index(
						List.of(row.getString("columns").split(" ", -1)).subList(0, row.getInt("key_columns")),
						row.getBoolean("is_primary"), row.getBoolean("is_unique"), row.getBoolean("usable")),
				this.oid);
		List<String> chosen = definition.key().isEmpty() ? primary(indexes, definition)
				: given(definition, numbers, indexes);
		List<KeyColumn> key = new ArrayList<>();
		for (String number : chosen) {
			KeyColumn column = byNumber.get(number);
			if (column == null || !column.notNull() || !KEY_TYPES.contains(column.type())) {
				throw invalid(definition,
						String.format(Locale.ROOT, "its key has the column %s%s",
								(column != null) ? column.name() + " of type " + column.type() : "of an expression",
								(column != null && !column.notNull()) ? ", which may be null" : ""),
						"Add -- headlock: key = ... with columns that are NOT NULL, of type bigint, int, uuid, text or varchar, "
								+ "and the first of a btree index.");
			}
			key.add(column);
		}
		Set<String> referred = indexes.stream()
			.filter(Index::unique)
			.flatMap((index) -> index.columns().stream())
			.collect(Collectors.toSet());
		List<String> referable = numbers.entrySet()
			.stream()
			.filter((column) -> referred.contains(column.getValue()))
			.map(Map.Entry::getKey)
			.toList();
		return new TargetTable(this.oid, this.name, this.bareName, this.byPosition, key, referable, this.rows);
	}

	private static List<String> primary(List<Index> indexes, BackgroundDefinition definition) {
		return indexes.stream()
			.filter((index) -> index.primary() && index.usable())
			.findFirst()
			.map(Index::columns)
			.orElseThrow(() -> invalid(definition, definition.table() + " has no primary key",
					"Add -- headlock: key = ... with columns that are NOT NULL and the first of a btree index."));
	}

	private static List<String> given(BackgroundDefinition definition, Map<String, String> numbers,
			List<Index> indexes) {
		for (String column : definition.key()) {
			if (!numbers.containsKey(column)) {
				throw invalid(definition, definition.table() + " has no column " + column, "Correct key.");
			}
		}
		List<String> wanted = definition.key().stream().map(numbers::get).toList();
		if (indexes.stream().noneMatch((index) -> index.usable() && index.startsWith(wanted))) {
			throw invalid(definition, "key = " + String.join(", ", definition.key())
					+ " are not the first columns of a valid, non-partial " + "btree index of " + definition.table(),
					"Create such an index, or name the columns of another one, in its order.");
		}
		return wanted;
	}

	private static InvalidBackgroundMigrationException invalid(BackgroundDefinition definition, String problem,
			String remedy) {
		return new InvalidBackgroundMigrationException(definition.source(), problem, remedy);
	}

	/** Names and types of the key, by which it is seen whether it has changed. */
	List<String> keyColumns() {
		return this.key.stream().map((column) -> column.name() + " " + column.type()).toList();
	}

	/** The name as people know it. */
	String keyNames() {
		return this.key.stream().map(KeyColumn::name).collect(Collectors.joining(", "));
	}

	/**
	 * A column of the key.
	 *
	 * @param name its name
	 * @param type its type, as the server names it
	 * @param notNull whether it is NOT NULL
	 */
	record KeyColumn(String name, String type, boolean notNull) {

		/** As it stands in SQL. */
		String quoted() {
			return '"' + this.name.replace("\"", "\"\"") + '"';
		}

	}

	private record Index(List<String> columns, boolean primary, boolean unique, boolean usable) {

		boolean startsWith(List<String> wanted) {
			return this.columns.size() >= wanted.size() && this.columns.subList(0, wanted.size()).equals(wanted);
		}

	}

}
