package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.headlock.background.TargetTable.KeyColumn;
import org.jspecify.annotations.Nullable;

/**
 * Makes conditions on the rows of a table that still need a background migration, and
 * statements that look for such rows. Bounds are parameters, and a bound that is missing
 * is left out.
 */
final class BatchSql {

	private final TargetTable table;

	private final String lockStrength;

	private final String rowLockStrength;

	/** What the statement calls the table. */
	private final String target;

	/** Condition of the team, in which names mean the table under its own name. */
	private final String where;

	BatchSql(BackgroundDefinition definition, TargetTable table) {
		this.table = table;
		this.lockStrength = lockStrength(definition.effect().needsRowLock(table.referable()));
		this.rowLockStrength = lockStrength(definition.effect().mayNeedRowLock(table.referable()));
		this.target = (definition.alias() != null) ? definition.alias() : table.bareName();
		// a line break, because it may end with a comment
		this.where = "(" + definition.where().forDriver(0, definition.where().text().length()) + "\n)";
	}

	private static String lockStrength(boolean asIfDeleted) {
		return asIfDeleted ? "FOR UPDATE" : "FOR NO KEY UPDATE";
	}

	/** The table. */
	TargetTable table() {
		return this.table;
	}

	/**
	 * Condition on the rows of a batch that still need the migration. It locks them, and
	 * leaves out those that somebody else has locked.
	 * @param piece the rows
	 * @param without keys of rows to leave out
	 */
	Clause rows(Piece piece, List<List<String>> without) {
		return locked(bounds(this.target, piece.range()),
				Clause.all(List.of(rowsToChange(piece.range(), without), part(piece))), " SKIP LOCKED");
	}

	/** Spreads the rows of a part over all pages of a range. */
	private Clause part(Piece piece) {
		return (piece.part() == null) ? Clause.TRUE
				: Clause.of(String.format(Locale.ROOT, "(pg_catalog.hash_record(ROW(%s)) & %d) = %d",
						columns(this.table.bareName()), Interleaving.PARTS - 1, piece.part()));
	}

	/**
	 * Locks the row of a key if it still needs the migration; returns nothing if it does
	 * not, or is locked and not waited for.
	 */
	Clause lockRow(List<String> key, boolean skipLocked) {
		Clause row = Clause.all(List.of(equal(this.table.bareName(), key), Clause.of(this.where)));
		return new Clause(String.format(Locale.ROOT, "SELECT 1 FROM %s WHERE %s %s%s", this.table.name(), row.sql(),
				this.rowLockStrength, skipLocked ? " SKIP LOCKED" : ""), row.arguments());
	}

	/**
	 * Condition on the row of a key, if it still needs the migration. It is locked
	 * already.
	 * @param key key of the row
	 */
	Clause row(List<String> key) {
		return locked(equal(this.target, key),
				Clause.all(List.of(equal(this.table.bareName(), key), Clause.of(this.where))), "");
	}

	private Clause locked(Clause outer, Clause rows, String locking) {
		String from = String.format(Locale.ROOT, "FROM %s%s WHERE %s %s%s", this.table.byPosition() ? "ONLY " : "",
				this.table.name(), rows.sql(), this.lockStrength, locking);
		return this.table.byPosition()
				// a table that inherits from it since then has rows at the same positions
				? new Clause(String.format(Locale.ROOT,
						"%1$s.tableoid = %2$d AND %1$s.ctid = ANY (ARRAY(SELECT %3$s.ctid %4$s))", this.target,
						this.table.oid(), this.table.bareName(), from), rows.arguments())
				// several tables: a position is one of its table, and the bounds use the
				// index
				: Clause.all(List.of(outer,
						new Clause(String.format(Locale.ROOT,
								"(%1$s.tableoid, %1$s.ctid) IN (SELECT %2$s.tableoid, %2$s.ctid %3$s)", this.target,
								this.table.bareName(), from), rows.arguments())));
	}

	private Clause rowsToChange(KeyRange range, List<List<String>> without) {
		return Clause.all(List.of(bounds(this.table.bareName(), range), except(without), Clause.of(this.where)));
	}

	/** Keys of the rows of a range that this transaction wrote and that still need it. */
	Clause stillMatching(KeyRange range, int limit) {
		Clause rows = rowsToChange(range, List.of());
		return new Clause(String.format(Locale.ROOT,
				"SELECT %s AS key FROM %s WHERE %s AND %s.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid LIMIT %d",
				keyArray(), this.table.name(), rows.sql(), this.table.bareName(), limit), rows.arguments());
	}

	/** Whether there is a row that still needs it. */
	Clause exists(List<List<String>> without) {
		Clause rows = rowsToChange(new KeyRange(null, null), without);
		return new Clause(
				String.format(Locale.ROOT, "SELECT EXISTS (SELECT FROM %s WHERE %s)", this.table.name(), rows.sql()),
				rows.arguments());
	}

	/** Keys of some rows that still need it. */
	Clause remaining(List<List<String>> without, int limit) {
		Clause rows = rowsToChange(new KeyRange(null, null), without);
		return new Clause(String.format(Locale.ROOT, "SELECT %s AS key FROM %s WHERE %s LIMIT %d", keyArray(),
				this.table.name(), rows.sql(), limit), rows.arguments());
	}

	/** Key of the row of a range, needed or not, at a position from 1. */
	Clause keyAt(KeyRange range, long position) {
		Clause bounds = bounds(this.table.bareName(), range);
		return new Clause(
				String.format(Locale.ROOT, "SELECT %s AS key FROM %s WHERE %s ORDER BY %s OFFSET %d LIMIT 1",
						keyArray(), this.table.name(), bounds.sql(), columns(this.table.bareName()), position - 1),
				bounds.arguments());
	}

	/** Counts the rows of a range, needed or not. */
	long countRows(Connection connection, KeyRange range) throws SQLException {
		Clause bounds = bounds(this.table.bareName(), range);
		Long rows = Statements.one(connection,
				String.format(Locale.ROOT, "SELECT count(*) FROM %s WHERE %s", this.table.name(), bounds.sql()),
				(row) -> row.getLong(1), bounds.arguments().toArray());
		return (rows != null) ? rows : 0;
	}

	private Clause bounds(String qualifier, KeyRange range) {
		List<Clause> bounds = new ArrayList<>();
		add(bounds, qualifier, ">", range.lower());
		add(bounds, qualifier, "<=", range.upper());
		return Clause.all(bounds);
	}

	private void add(List<Clause> bounds, String qualifier, String operator, @Nullable List<String> key) {
		if (key != null) {
			bounds.add(new Clause(key(qualifier) + " " + operator + " " + parameters(), key));
		}
	}

	private Clause equal(String qualifier, List<String> key) {
		return new Clause(key(qualifier) + " = " + parameters(), key);
	}

	private Clause except(List<List<String>> keys) {
		return keys.isEmpty() ? Clause.TRUE
				: new Clause(
						key(this.table.bareName()) + " NOT IN ("
								+ String.join(", ", Collections.nCopies(keys.size(), parameters())) + ")",
						keys.stream().flatMap(List::stream).toList());
	}

	private String key(String qualifier) {
		return "(" + columns(qualifier) + ")";
	}

	/** Qualified, because a column of the result would be sorted as the text it is. */
	private String columns(String qualifier) {
		return this.table.key()
			.stream()
			.map((column) -> qualifier + "." + column.quoted())
			.collect(Collectors.joining(", "));
	}

	private String parameters() {
		return this.table.key()
			.stream()
			.map((column) -> "?::" + column.type())
			.collect(Collectors.joining(", ", "(", ")"));
	}

	private String keyArray() {
		return this.table.key()
			.stream()
			.map((column) -> text(this.table.bareName(), column))
			.collect(Collectors.joining(", ", "ARRAY[", "]"));
	}

	private static String text(String qualifier, KeyColumn column) {
		return qualifier + "." + column.quoted() + "::pg_catalog.text";
	}

}
